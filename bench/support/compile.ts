/**
 * Type-checks the file that is its argument, as `tsc --strict` does, and prints how many milliseconds it took, and how many of CPU, the
 * reading of it all included.
 */
import ts from 'typescript';

const file = process.argv[2] ?? '';
const program = ts.createProgram([file], {
  noEmit: true,
  strict: true,
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  skipLibCheck: true,
  types: ['node'],
});
const faults = ts.getPreEmitDiagnostics(program);
const millis = performance.now();
const { user, system } = process.cpuUsage();
if (faults.length > 0) {
  console.error(
    ts.formatDiagnostics(faults.slice(0, 5), {
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => '',
      getNewLine: () => '\n',
    }),
  );
  process.exitCode = 1;
}
console.log(JSON.stringify({ millis, cpu: (user + system) / 1_000 }));
