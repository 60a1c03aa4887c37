// Known answers of the signature schemes (RFC 8032 §7.1 and §7.4, RFC 6979 §A.2.5 to §A.2.7), and EdDSA at its edges.

import type { EddsaCurve } from '../../crypto/eddsa-strict.ts'
import { EDWARDS448, EDWARDS25519 } from '../../crypto/eddsa-strict.ts'
import { type NistCurve, P256, P384, P521 } from '../../crypto/nist-curves.ts'
import {
  SIGNATURE_ECDSA_P256,
  SIGNATURE_ECDSA_P384,
  SIGNATURE_ECDSA_P521,
  SIGNATURE_ED448,
  SIGNATURE_ED25519,
} from '../../crypto/suites.ts'

/** One signature, in hexadecimal. */
interface SignatureAnswers {
  readonly privateKey: string
  readonly publicKey: string
  readonly data: string
  readonly signature: string
}

/** An EdDSA scheme: its signatures are deterministic. */
export interface EddsaAnswers extends SignatureAnswers {
  readonly curve: EddsaCurve
  /** The identity as public key, and a signature that the bare equation accepts under it. */
  readonly smallOrderKey: { readonly publicKey: string; readonly signature: string }
  /** The identity with y + p. */
  readonly unreducedKey: string
  /** R is the identity; the bare equation holds. */
  readonly smallOrderNonce: string
  /** R has a torsion part: the equation holds with the cofactor only. */
  readonly cofactorOnly: string
  /** Whether `cofactorOnly` is to be accepted. */
  readonly cofactored: boolean
  /** A and R have torsion parts that cancel for this data: the equation holds either way. */
  readonly cancelling: { readonly publicKey: string; readonly data: string; readonly signature: string }
}

/** An ECDSA scheme. */
export interface EcdsaAnswers extends SignatureAnswers {
  readonly curve: NistCurve
}

/** By TLS signature scheme. The edges are made with the same private key. */
export const EDDSA_ANSWERS: ReadonlyMap<number, EddsaAnswers> = /* @__PURE__ */ new Map([
  [
    SIGNATURE_ED25519,
    {
      curve: EDWARDS25519,
      privateKey: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      data: '72',
      signature:
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
      smallOrderKey: {
        publicKey: '0100000000000000000000000000000000000000000000000000000000000000',
        signature:
          '58666666666666666666666666666666666666666666666666666666666666660100000000000000000000000000000000000000000000000000000000000000',
      },
      unreducedKey: 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      smallOrderNonce:
        '0100000000000000000000000000000000000000000000000000000000000000675d054595fa17cb6a44e3ada6ca385e55667e41a63fdab0ac22d10000354002',
      cofactorOnly:
        'd1b73b33ec0b032dae165de0eae0def87438b7abefce1dee39316ce68e224a15c835aa73088649b000ee93f4f281b1a6e2d5a731bdc97d52c0c4a7fa0328c308',
      cofactored: false,
      cancelling: {
        publicKey: '0169d3c02f3edd121cafbe1dfd45c4cf4aac216a79e36e6326419f2a654d2d46',
        data: '00',
        signature:
          '7600e9679aed1f30c09b3a005d143ce5b4151b585280693b1662469ce7d1096c6200d7b63c6bb4a3bbf17b75a3e3343899f9240b2c0a3844544eda79d067c506',
      },
    },
  ],
  [
    SIGNATURE_ED448,
    {
      curve: EDWARDS448,
      privateKey:
        'c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463afbea67c5e8d2877c5e3bc397a659949ef8021e954e0a12274e',
      publicKey:
        '43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb82169c235160627b4c3a9480',
      data: '03',
      signature:
        '26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00',
      smallOrderKey: {
        publicKey:
          '010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
        signature:
          '14fa30f25b790898adc8d74e2c13bdfdc4397ce61cffd33ad7c2a0051e9c78874098a36c7373ea4b62c7c9563720768824bcb66e71463f6900010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
      },
      unreducedKey:
        '00000000000000000000000000000000000000000000000000000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffff00',
      smallOrderNonce:
        '010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000386d4cea6aa377c2f3d23b55f9f0fcce532c9280a16d701d1855b5ab2562476d0532a54dd97899bf4811383742d142ba5d7bbf391f801c0f00',
      cofactorOnly:
        '22808a8810643cd3f616ee913d9c5f96823bf19b7acd45b0075b41cb11476f5d599e6f8c1e334441343ba40d547e98ccdd04043ea33929ef00e7ace4407a603a3a36a0f97abfcce794176af6374e244dbe46974b3301c01ae22d117dd8e7ac539eecc32d4cbf0fdd1f4ad62196b3923c2800',
      cofactored: true,
      cancelling: {
        publicKey:
          '57e80e3ab2a6add3b9dafd0ff2bc74dba75b7726f2bd69b9c6b2ea787f6090c2338c2533a4abf1e2140a024802cf681f14ff3b3db5d9ffd200',
        data: '00',
        signature:
          'dd7f7577ef9bc32c09e9116ec263a0697dc40e648532ba4ff8a4be34edb890a2a6619073e1ccbbbecbc45bf2ab81673322fbfbc15cc6d61080b3f2c003d50e300fab4998a99787f2418127fda0de87eb65adde3ce943d2ad120b0d1800efcd14f739027862509867ded1cdf397c49aa63000',
      },
    },
  ],
])

/** The signatures of `sample`, by TLS signature scheme. */
export const ECDSA_ANSWERS: ReadonlyMap<number, EcdsaAnswers> = /* @__PURE__ */ new Map([
  [
    SIGNATURE_ECDSA_P256,
    {
      curve: P256,
      privateKey: 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
      publicKey:
        '0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
      data: '73616d706c65',
      signature:
        '3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
    },
  ],
  [
    SIGNATURE_ECDSA_P384,
    {
      curve: P384,
      privateKey: '6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5',
      publicKey:
        '04ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc138015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720',
      data: '73616d706c65',
      signature:
        '306602310094edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe4602310099ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8',
    },
  ],
  [
    SIGNATURE_ECDSA_P521,
    {
      curve: P521,
      privateKey:
        '00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538',
      publicKey:
        '0401894550d0785932e00eaa23b694f213f8c3121f86dc97a04e5a7167db4e5bcd371123d46e45db6b5d5370a7f20fb633155d38ffa16d2bd761dcac474b9a2f5023a400493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f746a28a0db25741b5b34a828008b22acc23f924faafbd4d33f81ea66956dfeaa2bfdfcf5',
      data: '73616d706c65',
      signature:
        '308187024200c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa0241617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a',
    },
  ],
])
