// A database whose disk can be full: then it takes no write, and reads as before.

import { GuardedLevel } from '../support/guarded-level.ts'

export class FillingLevel extends GuardedLevel {
  isFull = false

  protected override async beforeWrite(): Promise<void> {
    if (this.isFull) throw new Error('no space left on device')
  }
}
