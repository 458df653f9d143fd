// Rows of a form that are saved as a whole list: what was new when it was sent has a name of its own afterwards.

/**
 * Gives each row the id that the server saved it under, in the order in which the rows were sent. Without it the next save would
 * make a new row again, and what hangs on the old one, as a company's answers on a question, would be lost.
 */
export function named(sent: { id?: string | null }[], saved: readonly { id: string }[]): void {
  sent.forEach((row, index) => (row.id = saved[index]?.id ?? row.id ?? null));
}
