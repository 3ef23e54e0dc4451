const HEAD = ["request", "face", "decision", "reason", "time per decision"];

/** Prints what was decided, one line for each request and face. */
export function printTable(rows) {
  const lines = rows.map(({ request, face, allowed, status, reason, nanoseconds, http }) => [
    request,
    face,
    `${allowed ? "allowed" : "refused"} ${status}`,
    reason,
    duration(nanoseconds) + (http === undefined ? "" : ` *, ${duration(http)} with HTTP`),
  ]);
  const widths = HEAD.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column].length)));
  const print = (cells) =>
    console.log(
      cells
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd(),
    );

  console.log("");
  print(HEAD);
  print(widths.map((width) => "-".repeat(width)));
  lines.forEach((line, index) => {
    const first = index === 0 || line[0] !== lines[index - 1][0];
    print([first ? line[0] : "", ...line.slice(1)]);
  });
  console.log(
    "\nTimes are the best of 7 times 2000 calls, finding the route included. * Clocks in workerd stand still during a",
  );
  console.log("request: taken from outside, as what 2000 more decisions add to it.\n");
}

function duration(nanoseconds) {
  if (nanoseconds < 1000) return `${Math.round(nanoseconds)} ns`;
  return nanoseconds < 1e6 ? `${(nanoseconds / 1e3).toFixed(1)} us` : `${(nanoseconds / 1e6).toFixed(1)} ms`;
}
