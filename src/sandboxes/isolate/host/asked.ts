/** What scripts of this host have asked the node, until it has answered. */
import type { News, Order } from '../messages.ts';

interface Waiting {
  readonly id: number;
  readonly resolve: (value: string) => void;
  readonly reject: (error: Error) => void;
}

export class Asked {
  readonly #tell: (news: News) => void;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  constructor(tell: (news: News) => void) {
    this.#tell = tell;
  }

  ask(id: number, name: string, args: string): Promise<string> {
    this.#last += 1;
    const call = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(call, { id, resolve, reject });
      this.#tell({ kind: 'ask', id, call, name, args });
    });
  }

  answer({ call, value, error }: Extract<Order, { readonly kind: 'answer' }>): void {
    const waiting = this.#waiting.get(call);
    this.#waiting.delete(call);
    if (error === undefined) waiting?.resolve(value ?? 'null');
    else waiting?.reject(new Error(error));
  }

  /** The script has ended. */
  forget(id: number): void {
    for (const [call, waiting] of this.#waiting) if (waiting.id === id) this.#waiting.delete(call);
  }
}
