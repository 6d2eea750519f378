/** Middle value; the mean of the two middle ones where their number is even. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}

/** One figure of one program, over all runs; empty where it was not measured. */
export type Series = readonly number[];

/** A row of the result: a figure of both programs. */
export interface Comparison {
  title: string;
  unit: string;
  kinpod: Series;
  kind: Series;
}

/** Median of kinpod over median of kind; undefined where one of them was not measured. */
export function ratio({ kinpod, kind }: Comparison): number | undefined {
  return kinpod.length > 0 && kind.length > 0 ? median(kinpod) / median(kind) : undefined;
}

/** A Markdown table: medians, smallest and largest value, ratio. */
export function table(rows: readonly Comparison[]): string {
  const cells = rows.map((row) => [
    row.title,
    figures(row.kinpod, row.unit),
    figures(row.kind, row.unit),
    ratioText(ratio(row)),
  ]);
  const all = [['', 'kinpod', 'kind 0.33.0', 'ratio'], ...cells];
  const widths = [0, 1, 2, 3].map((i) => Math.max(...all.map((row) => (row[i] as string).length)));
  const lines = all.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i] as number)).join(' | ')} |`);
  return [lines[0], `|${widths.map((w) => '-'.repeat(w + 2)).join('|')}|`, ...lines.slice(1)].join('\n');
}

function figures(series: Series, unit: string): string {
  if (series.length === 0) return '-';
  const text = (n: number) => (n < 100 ? n.toFixed(1) : n.toFixed(0));
  const range = series.length > 1 ? ` (${text(Math.min(...series))}–${text(Math.max(...series))})` : '';
  return `${text(median(series))} ${unit}${range}`;
}

function ratioText(value: number | undefined): string {
  return value === undefined ? '-' : `${value.toFixed(2)}×`;
}
