/** A payload of 110 bytes of JSON, another one each time. */
export function payload(n: number): { readonly to: string; readonly template: string; readonly order: number; readonly note: string } {
  const order = 100_000_000 + (n % 900_000_000);
  return { to: 'ada.lovelace@example.org', template: 'welcome', order, note: 'thank you for your order' };
}
