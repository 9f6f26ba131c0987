/** Whether the work is over, well or not, within so many milliseconds: what takes longer is worth showing. */
export function isOverWithin(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  const over = () => true;
  const late = new Promise<false>((resolve) => {
    setTimeout(() => resolve(false), milliseconds);
  });
  return Promise.race([work.then(over, over), late]);
}
