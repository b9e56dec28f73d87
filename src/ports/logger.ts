/** Each call writes one line: what happened, by a constant name such as `node.joined`, and the facts in fields. */
export interface Logger {
  debug(name: string, fields?: Readonly<Record<string, unknown>>): void;
  info(name: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(name: string, fields?: Readonly<Record<string, unknown>>): void;
  error(name: string, fields?: Readonly<Record<string, unknown>>): void;
}
