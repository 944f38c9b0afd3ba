/**
 * Every limit on what a client may send. The operations and the checks use them, and a test compares them with the
 * tables in docs/spec.md. Lengths count Unicode code points (ruling R12): an emoji counts as one character, because a
 * person would count it as one.
 */
export const HANDLE_LENGTH = { min: 3, max: 64 } as const;
export const SECRET_LENGTH = { min: 12, max: 64 } as const;
export const TOKEN_LENGTH = { min: 12, max: 64 } as const;
export const TEACHER_KEY_LENGTH = { min: 12, max: 64 } as const;
export const REJOIN_CODE_LENGTH = { min: 6, max: 6 } as const;
/** What the teacher calls a class that was put away, and the name of its folder. */
export const LABEL_LENGTH = { min: 1, max: 64 } as const;
export const MESSAGE_LENGTH = { min: 1, max: 4096 } as const;
export const IDEMPOTENCY_KEY_LENGTH = { min: 1, max: 255 } as const;
export const PAGE_LIMIT = { min: 1, max: 200, default: 50 } as const;
export const WAIT_SECONDS = { min: 0, max: 60 } as const;
/** The lessons of the course. */
export const LESSONS = { min: 1, max: 14 } as const;
/** The cases of a lesson that can pass, and that there can be. */
export const CASES_PASSED = { min: 0, max: 500 } as const;
export const CASES = { min: 1, max: 500 } as const;
export const CASE_ID_LENGTH = { min: 1, max: 64 } as const;
/** Where a pupil's own server may listen. The ports below are the system's. */
export const PORTS = { min: 1024, max: 65_535 } as const;
export const MAX_ID = Number.MAX_SAFE_INTEGER;
