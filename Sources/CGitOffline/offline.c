/* libgit2 without its network.
 *
 * When libgit2 starts it readies TLS and SSH: it seeds a random generator, parses the machine's whole bundle of
 * certificate authorities and starts libssh2 and OpenSSL. That is more than half of the time this program needs to
 * judge one push, and this program never reaches the network through libgit2.
 *
 * The functions below stand in for those of the real libraries: a symbol of the executable comes before one of a shared
 * library. They do nothing and, where a caller would rely on the result, fail. A libgit2 that was built with other
 * libraries never asks for them.
 *
 * Sources: libgit2 src/libgit2/streams/mbedtls.c (git_mbedtls_stream_global_init) and transports/ssh.c
 * (git_transport_ssh_global_init); the signatures are those of mbedTLS 2.28 and libssh2 1.10. */
#include "CGitOffline.h"

/* MBEDTLS_ERR_X509_FILE_IO_ERROR: without certificates no TLS connection would ever be trusted. */
enum { no_certificates = -0x2900 };

int mbedtls_x509_crt_parse_file(void *chain, const char *path) {
  (void)chain;
  (void)path;
  return no_certificates;
}

int mbedtls_x509_crt_parse_path(void *chain, const char *path) {
  (void)chain;
  (void)path;
  return no_certificates;
}

/* 0, since libgit2 does not start otherwise;
 * MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED for whoever asks for numbers. */
int mbedtls_ctr_drbg_seed(
    void *context, int (*entropy)(void *, unsigned char *, size_t), void *source, const unsigned char *custom,
    size_t length) {
  (void)context;
  (void)entropy;
  (void)source;
  (void)custom;
  (void)length;
  return 0;
}

int mbedtls_ctr_drbg_random(void *context, unsigned char *output, size_t length) {
  (void)context;
  (void)output;
  (void)length;
  return -0x0034;
}

int mbedtls_ssl_config_defaults(void *config, int endpoint, int transport, int preset) {
  (void)config;
  (void)endpoint;
  (void)transport;
  (void)preset;
  return 0;
}

/* MBEDTLS_ERR_SSL_INTERNAL_ERROR: no connection is set up with a configuration that was never filled in. */
int mbedtls_ssl_setup(void *context, const void *config) {
  (void)context;
  (void)config;
  return -0x6C00;
}

int libssh2_init(int flags) {
  (void)flags;
  return 0;
}

void libssh2_exit(void) {}

/* A session would need what libssh2_init did not do. */
void *libssh2_session_init_ex(void *allocate, void *release, void *reallocate, void *abstract) {
  (void)allocate;
  (void)release;
  (void)reallocate;
  (void)abstract;
  return NULL;
}
