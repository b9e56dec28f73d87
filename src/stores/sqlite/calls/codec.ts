/**
 * How values travel on a tape: a codec is both halves of an encoding. Those here are put together from smaller ones, so
 * that their halves cannot differ. What every job passes through has its halves written out, one beside the other.
 */
import { type Cell, type Row, type TapeReader, writeRow } from '../file/tape.ts';

/** `In` is what is written and `Out` what is read: another form where the reading side has a use for it. */
export interface Codec<In, Out = In> {
  readonly write: (cells: Cell[], value: In) => void;
  readonly read: (tape: TapeReader) => Out;
}

type AnyCodec = Codec<never, unknown>;
type InOf<C extends AnyCodec> = Parameters<C['write']>[1];
type OutOf<C extends AnyCodec> = ReturnType<C['read']>;

export const text: Codec<string> = { write: (cells, value) => void cells.push(value), read: (tape) => tape.text() };
export const number: Codec<number> = { write: (cells, value) => void cells.push(value), read: (tape) => tape.number() };
export const flag: Codec<boolean> = { write: (cells, value) => void cells.push(value ? 1 : 0), read: (tape) => tape.flag() };
export const textOrNull: Codec<string | null> = { write: (cells, value) => void cells.push(value), read: (tape) => tape.textOrNull() };
export const numberOrNull: Codec<number | null> = { write: (cells, value) => void cells.push(value), read: (tape) => tape.numberOrNull() };
export const nothing: Codec<void> = { write: () => {}, read: () => {} };

/** For what is rare or has no shape of its own. */
export function json<T>(): Codec<T> {
  return { write: (cells, value) => void cells.push(JSON.stringify(value)), read: (tape) => JSON.parse(tape.text()) as T };
}

/** One of these words. */
export function word<const W extends string>(words: readonly W[]): Codec<W> {
  return {
    write: (cells, value) => void cells.push(words.indexOf(value)),
    read(tape) {
      const code = tape.number();
      return words[code] ?? misread(`one of ${words.join(', ')}`, code);
    },
  };
}

export function nullable<In, Out>(codec: Codec<In, Out>): Codec<In | null, Out | null> {
  return {
    write(cells, value) {
      cells.push(value === null ? 0 : 1);
      if (value !== null) codec.write(cells, value);
    },
    read: (tape) => (tape.flag() ? codec.read(tape) : null),
  };
}

export function list<In, Out>(codec: Codec<In, Out>): Codec<readonly In[], readonly Out[]> {
  return {
    write(cells, values) {
      cells.push(values.length);
      for (const value of values) codec.write(cells, value);
    },
    read: (tape) => tape.list(() => codec.read(tape)),
  };
}

/** Rows of the file; of what they make, only what can be read is among the answers. */
export function readable<Out>(read: (tape: TapeReader) => Out | null): Codec<readonly Row[], readonly Out[]> {
  return {
    write(cells, rows) {
      cells.push(rows.length);
      for (const row of rows) writeRow(cells, row);
    },
    read: (tape) => tape.list(() => read(tape)).filter((each) => each !== null),
  };
}

type TupleIn<C extends readonly AnyCodec[]> = { readonly [I in keyof C]: InOf<C[I]> };
type TupleOut<C extends readonly AnyCodec[]> = { readonly [I in keyof C]: OutOf<C[I]> };

/** The arguments of a call, in order. */
export function args<const C extends readonly AnyCodec[]>(...codecs: C): Codec<TupleIn<C>, TupleOut<C>> {
  return {
    write(cells, values) {
      for (const [index, codec] of codecs.entries()) codec.write(cells, values[index] as never);
    },
    read: (tape) => codecs.map((codec) => codec.read(tape)) as unknown as TupleOut<C>,
  };
}

type Shape = Readonly<Record<string, AnyCodec>>;
type FieldsIn<S extends Shape> = { readonly [K in keyof S]: InOf<S[K]> };
type FieldsOut<S extends Shape> = { readonly [K in keyof S]: OutOf<S[K]> };

export function fields<const S extends Shape>(shape: S): Codec<FieldsIn<S>, FieldsOut<S>> {
  const codecs = Object.entries<AnyCodec>(shape);
  return {
    write(cells, value) {
      for (const [name, codec] of codecs) codec.write(cells, value[name] as never);
    },
    read: (tape) => Object.fromEntries(codecs.map(([name, codec]) => [name, codec.read(tape)])) as FieldsOut<S>,
  };
}

type Kinds = Readonly<Record<string, Shape>>;
type VariantIn<K extends Kinds> = { readonly [N in keyof K]: { readonly kind: N } & FieldsIn<K[N]> }[keyof K];
type VariantOut<K extends Kinds> = { readonly [N in keyof K]: { readonly kind: N } & FieldsOut<K[N]> }[keyof K];

/** Objects told apart by their `kind`, each with the fields of its own. */
export function variants<const K extends Kinds>(kinds: K): Codec<VariantIn<K>, VariantOut<K>> {
  const kind = word(Object.keys(kinds));
  const codecs = new Map(Object.entries<Shape>(kinds).map(([name, shape]) => [name, fields(shape)]));
  return {
    write(cells, value) {
      const name = String(value.kind);
      kind.write(cells, name);
      codecs.get(name)?.write(cells, value as never);
    },
    read(tape) {
      const name = kind.read(tape);
      return { kind: name, ...codecs.get(name)?.read(tape) } as VariantOut<K>;
    },
  };
}

export function misread(expected: string, found: unknown): never {
  throw new Error(`tape: expected ${expected}, found ${found}`);
}
