// `coterie/mls/x509`: X.509 credentials (RFC 9420 §5.3), judged by their certificates.
// Signatures of certificates are verified by the runtime's Web Cryptography.

export { type CertificateInfo, readCertificate, type SubjectAltName } from './x509/certificate.ts'
export { type ChainOptions, verifyCertificateChain } from './x509/chain.ts'
export { type X509PolicyOptions, x509Policy } from './x509/policy.ts'
