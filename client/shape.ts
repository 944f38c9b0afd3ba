/**
 * Checks the types in a reply. Any program may answer at an address, and one in the making answers wrongly: without this
 * check, an id that is a text would be found out far away from here, or never. Fields that it does not know may be
 * there, because the server may be newer.
 */

/** Returns the value if it has the right type. @throws {WrongShape} with `name` in the sentence. */
export type Shape<T> = (value: unknown, name: string) => T;

/** The message is the end of a sentence: "`userId` is not a positive whole number". */
export class WrongShape extends Error {}

function shape<T>(isRight: (value: unknown) => boolean, what: string): Shape<T> {
  return (value, name) => {
    if (isRight(value)) return value as T;
    const subject = name === "" ? "the JSON" : `\`${name}\``;
    throw new WrongShape(value === undefined ? `${subject} is missing` : `${subject} is not ${what}`);
  };
}

export const text = shape<string>((value) => typeof value === "string", "a string");
export const number = shape<number>(Number.isFinite, "a number");
export const count = shape<number>((value) => Number.isSafeInteger(value) && Number(value) >= 0, "a whole number");
export const id = shape<number>((value) => Number.isSafeInteger(value) && Number(value) > 0, "a positive whole number");
export const boolean = shape<boolean>((value) => typeof value === "boolean", "true or false");
export const yes = shape<true>((value) => value === true, "true");
export const time = shape<string>((value) => typeof value === "string" && !Number.isNaN(Date.parse(value)), "a time");
export const anything = shape<unknown>((value) => value !== undefined, "");
export const token = shape<string>(
  (value) => typeof value === "string" && /^.{12,64}$/su.test(value),
  "a token of 12-64 characters",
);

/** The id of a case of the check. It is shown beside other words, so it must be nothing else. */
export const caseId = shape<string>(
  (value) => typeof value === "string" && value.length <= 64 && /^[a-z0-9]+([.-][a-z0-9]+)*$/.test(value),
  "the id of a case",
);

/** A handle that is saved with a token. */
export const handle = shape<string>(
  (value) => typeof value === "string" && /^\P{Cc}{3,64}$/u.test(value),
  "a handle of 3-64 characters, without control characters",
);

export function oneOf<T extends string>(...texts: T[]): Shape<T> {
  return shape(
    (value) => texts.some((each) => each === value),
    `one of ${texts.map((each) => `"${each}"`).join(", ")}`,
  );
}

export function nullable<T>(of: Shape<T>): Shape<T | null> {
  return (value, name) => (value === null ? null : of(value, name));
}

/** For a field that may be missing. */
export function optional<T>(of: Shape<T>): Shape<T> {
  return (value, name) => (value === undefined ? (value as T) : of(value, name));
}

export function list<T>(of: Shape<T>): Shape<T[]> {
  const array = shape<unknown[]>(Array.isArray, "an array");
  return (value, name) => array(value, name).map((each, i) => of(each, `${name}[${i}]`));
}

export function object<T extends object>(fields: { [Name in keyof T]-?: Shape<T[Name]> }): Shape<T> {
  const whole = shape<T>((value) => typeof value === "object" && value !== null && !Array.isArray(value), "an object");
  return (value, name) => {
    const given = whole(value, name);
    for (const field in fields) fields[field](given[field], name === "" ? field : `${name}.${field}`);
    return given;
  };
}
