/**
 * Waits for subscriptions of a link that was started. Rejects with what `late` makes where they do not come in time; a link
 * that is given up is closed first.
 */
export async function subscribedWithin(
  subscribed: Promise<unknown>,
  deadline: number,
  late: () => Error,
  giveUp: () => Promise<void>,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), deadline);
  });
  try {
    await Promise.race([subscribed, over]);
  } catch (error) {
    subscribed.catch(() => {});
    await giveUp();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
