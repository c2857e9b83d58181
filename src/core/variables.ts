/** Under which other name an environment variable that is not set may be there. Never tells a value. */
import { distance } from 'fastest-levenshtein';

export type Environment = Readonly<Record<string, string | undefined>>;

/** For people. */
export function notSet(name: string, environment: Environment): string {
  const others = Object.keys(environment).filter((other) => other !== name);
  const near = misspelt(name, environment) ?? others.find((other) => distance(other, name) <= 3);
  return `is not set${near ? ` (there is "${near}": is that it?)` : ''}`;
}

/** One that can hardly be another: a letter more, less or wrong, two in the wrong order, or `_` missing. */
export function misspelt(name: string, environment: Environment): string | undefined {
  return Object.keys(environment).find((other) => {
    if (other === name || !environment[other]) return false;
    const apart = distance(other, name);
    return apart <= 1 || (apart <= 2 && letters(other) === letters(name)) || bare(other) === bare(name);
  });
}

function bare(name: string): string {
  return name.replaceAll('_', '').toUpperCase();
}

function letters(name: string): string {
  return [...name].sort().join('');
}
