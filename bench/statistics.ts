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

/** A row of the result: a figure of all programs. */
export interface Comparison {
  title: string;
  unit: string;
  /** What is measured. */
  ours: Series;
  /** What it is measured against. */
  theirs: Series;
  /** kinpod with CRI-O, where that is measured too. */
  crio?: Series;
}

/** What the columns are called. */
export interface Heads {
  ours: string;
  theirs: string;
}

/** Median of ours over median of theirs; undefined where one of them was not measured. */
export function ratio({ ours, theirs }: Pick<Comparison, 'ours' | 'theirs'>): number | undefined {
  return ours.length > 0 && theirs.length > 0 ? median(ours) / median(theirs) : undefined;
}

/** A Markdown table: medians, smallest and largest value, ratio. */
export function table(rows: readonly Comparison[], { ours: first, theirs: second }: Heads): string {
  const withCrio = rows.some((row) => row.crio);
  const cells = rows.map((row) => {
    const { title, unit, ours, theirs, crio = [] } = row;
    const columns = [title, figures(ours, unit), figures(theirs, unit), ratioText(ratio(row))];
    return withCrio ? [...columns, figures(crio, unit), ratioText(ratio({ ours: crio, theirs }))] : columns;
  });
  const heads = ['', first, second, 'ratio', ...(withCrio ? ['kinpod with CRI-O', 'ratio'] : [])];
  const all = [heads, ...cells];
  const widths = heads.map((_, i) => i).map((i) => Math.max(...all.map((row) => (row[i] as string).length)));
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
