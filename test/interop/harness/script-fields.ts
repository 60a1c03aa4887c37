// Reads the fields of one JSON object of a script strictly: every field has its type, none is unknown, none is missing
// that has no default, and every reference points to an earlier step that produces what is referred to.
import type { Extension, Uint64 } from './messages.ts'

/** What a step leaves behind that later steps refer to by its position. */
export type Product = 'keyPackage' | 'psk' | 'proposal' | 'reinitProposal' | 'commit' | 'welcome' | 'ciphertext'

/** What each step before the current one produces. */
export type Produced = readonly (readonly Product[])[]

/** A script that is not in the format; `message` starts with where. */
export class ScriptError extends Error {
  constructor(where: string, what: string) {
    super(`${where}: ${what}`)
    this.name = 'ScriptError'
  }
}

export class Fields {
  readonly where: string
  readonly #produced: Produced
  readonly #values: Map<string, { key: string; value: unknown }>

  constructor(json: unknown, where: string, produced: Produced) {
    this.where = where
    this.#produced = produced
    this.#values = new Map()
    if (typeof json !== 'object' || json === null || Array.isArray(json)) this.#refuse('is not an object')
    for (const [key, value] of Object.entries(json)) {
      if (this.#values.has(fold(key))) this.#refuse(`has ${key} twice`)
      this.#values.set(fold(key), { key, value })
    }
  }

  has(name: string): boolean {
    return this.#values.has(fold(name))
  }

  text(name: string): string {
    const value = this.#take(name)
    return typeof value === 'string' ? value : this.#refuse(`${name} must be a string`)
  }

  /** The name of an actor. */
  name(name: string): string {
    const value = this.text(name)
    return value === '' ? this.#refuse(`${name} must not be empty`) : value
  }

  /** Names of different actors; none when the field is missing. */
  names(name: string): readonly string[] {
    const names = this.#list(name).map((value) =>
      typeof value === 'string' && value !== '' ? value : this.#refuse(`${name} must hold names`),
    )
    return new Set(names).size === names.length ? names : this.#refuse(`${name} has a name twice`)
  }

  /** False when the field is missing. */
  flag(name: string): boolean {
    if (!this.has(name)) return false
    const value = this.#take(name)
    return typeof value === 'boolean' ? value : this.#refuse(`${name} must be true or false`)
  }

  uint64(name: string): Uint64 {
    const value = this.#take(name)
    return isCount(value) ? String(value) : this.#refuse(`${name} must be a non-negative integer`)
  }

  /** The position of an earlier step that produces `product`. */
  reference(name: string, product: Product): number {
    return this.#reference(name, this.#take(name), product)
  }

  /** As {@link reference}, for a list of different steps; none when the field is missing. */
  references(name: string, product: Product): readonly number[] {
    const steps = this.#list(name).map((value) => this.#reference(name, value, product))
    return new Set(steps).size === steps.length ? steps : this.#refuse(`${name} has a step twice`)
  }

  /** Extensions with data in base64; none when the field is missing. */
  extensions(name: string): readonly Extension[] {
    return this.#list(name).map((value, i) => {
      const fields = new Fields(value, `${this.where}.${name}[${i}]`, this.#produced)
      const extension = {
        extensionType: fields.#uint16('extensionType'),
        extensionData: fields.#base64('extensionData'),
      }
      fields.end()
      return extension
    })
  }

  object(name: string): Fields {
    return new Fields(this.#take(name), `${this.where}.${name}`, this.#produced)
  }

  /** A list of objects; empty when the field is missing. */
  objects(name: string): readonly Fields[] {
    return this.#list(name).map((value, i) => new Fields(value, `${this.where}.${name}[${i}]`, this.#produced))
  }

  /** The names and values of an object whose field names are free. */
  entries(name: string): readonly (readonly [string, unknown])[] {
    const value = this.#take(name)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value)
      : this.#refuse(`${name} must be an object`)
  }

  /** Refuses the fields that nothing has read. */
  end(): void {
    for (const { key } of this.#values.values()) this.#refuse(`does not know the field ${key}`)
  }

  #take(name: string): unknown {
    const entry = this.#values.get(fold(name))
    if (entry === undefined) this.#refuse(`lacks ${name}`)
    this.#values.delete(fold(name))
    return entry.value
  }

  #list(name: string): readonly unknown[] {
    if (!this.has(name)) return []
    const value = this.#take(name)
    return Array.isArray(value) ? value : this.#refuse(`${name} must be a list`)
  }

  #reference(name: string, value: unknown, product: Product): number {
    const products = isCount(value) ? this.#produced[value] : undefined
    if (!isCount(value) || products === undefined) this.#refuse(`${name} must be the position of an earlier step`)
    return products.includes(product)
      ? value
      : this.#refuse(`${name} refers to step ${value}, which makes no ${product}`)
  }

  #uint16(name: string): number {
    const value = this.#take(name)
    return isCount(value) && value <= 0xffff ? value : this.#refuse(`${name} must be a uint16`)
  }

  #base64(name: string): Uint8Array {
    const text = this.text(name)
    const bytes = Buffer.from(text, 'base64')
    return bytes.toString('base64') === text ? bytes : this.#refuse(`${name} must be base64`)
  }

  #refuse(what: string): never {
    throw new ScriptError(this.where, what)
  }
}

/** Field names are spelled in more than one way in the wild: `forcePath`, `force_path`, `changeCiphersuite`. */
function fold(name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
