/** The fields of a body by their lower-case names; what is absent is empty. A value of another type is refused with 400. */
export interface Fields {
  text(name: string): string;
  whole(name: string): number;
  flag(name: string): boolean;
  texts(name: string): Readonly<Record<string, string>> | null;
  /** Any JSON value, as the text that came. */
  json(name: string): string | null;
}
