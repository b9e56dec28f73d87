/** How a life is written down: as a table of states and of the verbs that lead from one to another. */

export interface Arrow<To extends string> {
  readonly to: To;
  /** What must hold for it; else nothing happens. */
  readonly guard: string;
  /** What happens beside the change of state. */
  readonly effect: string;
}

/** Every verb × every state; what is not there is refused. `gone`: there is no record of it any more. */
export type Lifecycle<Verb extends string, State extends string> = Readonly<
  Record<Verb, Readonly<Partial<Record<State, Arrow<State | 'gone'>>>>>
>;

export const arrow = <To extends string>(to: To, guard: string, effect: string): Arrow<To> => ({ to, guard, effect });
