// Loaded before a program: its clock says 2040, and at the signal eleven minutes pass at once.
const wall = Date.now.bind(Date);
const monotonic = performance.now.bind(performance);
const ahead = Date.UTC(2040, 0, 1, 12) - wall();
let leapt = 0;

Date.now = () => wall() + ahead + leapt;
performance.now = () => monotonic() + leapt;
process.on('SIGUSR2', () => {
  leapt += 11 * 60_000;
});
