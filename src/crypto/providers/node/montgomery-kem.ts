// DHKEM over X25519 and X448 (RFC 9180 §4.1, §7.1) by node:crypto.

import { type KeyObject, diffieHellman, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
