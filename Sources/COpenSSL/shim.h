// SPDX-License-Identifier: Apache-2.0
// The part of OpenSSL's libcrypto that Saker uses, and inline functions for what Swift cannot call: macros and variadic functions.
#ifndef SAKER_COPENSSL_SHIM_H
#define SAKER_COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/// A fresh P-256 key pair, or NULL.
static inline EVP_PKEY *saker_openssl_p256_key(void) {
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

/// The bytes that a memory BIO holds; they live as long as the BIO is not written to or freed.
static inline long saker_openssl_bio_bytes(BIO *bio, char **bytes) {
    return BIO_get_mem_data(bio, bytes);
}

/// Writes the common name of a DER certificate's subject; its length, or a negative number when there is none that can be read.
static inline int saker_openssl_common_name(const unsigned char *der, long length, char *name, int room) {
    X509 *certificate = d2i_X509(NULL, &der, length);
    if (certificate == NULL) return -1;
    int written = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, room);
    X509_free(certificate);
    return written;
}

#endif
