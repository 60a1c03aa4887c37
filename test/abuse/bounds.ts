// What victims may come to at most. All are far below what was thrown at them would come to if it were kept or waited for.

export const MEBIBYTE = 1_048_576

/** What everybody who is honest may hold in memory, in a process that ends where that is not enough. */
export const HEAP_MEBIBYTES = 512
/** What such a process may grow by in all, with what is not collected yet and what is not JavaScript's. */
export const MEMORY = 768 * MEBIBYTE
/** What is not a member's leaves this little on disk. */
export const OUTSIDERS_DISK = 8 * MEBIBYTE
/** What a frame leaves at most that had to be remembered and not to be kept. */
export const REMEMBERED_DISK = 512
/** What a frame of a few hundred bytes leaves at most where it is kept. */
export const KEPT_DISK = 4_096
/**
 * How many times longer honest messages may take than when it is calm, by the median. On two processors the attacker's own work
 * is part of that.
 */
export const FACTOR = 20
/** What is no longer than this by the median is in time, however short it is when it is calm. */
export const SOON_MS = 500
