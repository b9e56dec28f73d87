// A vitest reporter that sends its counts to the process that started vitest (tests.mjs).

/** A file that cannot be loaded and an error outside of any test count as one failed test each. */
// biome-ignore lint/style/noDefaultExport: vitest loads a reporter by its default export
export default class Tally {
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        if (state === 'failed') failed += 1;
      }
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
    }
    process.send?.({ passed, failed });
  }
}
