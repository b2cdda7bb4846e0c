/*
 * The floor: what reading and verifying costs at least on this machine, with nothing else done.
 *
 *   floor verify REPOSITORY SUBKEY.raw THREADS   each commit of HEAD read by libgit2, its signature verified by
 *                                                libsodium (Ed25519) or OpenSSL (RSA); no policy, no registry
 *   floor merge REPOSITORY                       each merge of HEAD done again by libgit2, into memory
 *
 * SUBKEY.raw holds the key's numbers: 32 octets of Ed25519, or the modulus of an RSA key with exponent 65537. The
 * signatures must be those of bench/generate: one version 4 packet, SHA-512. Trusts its input: never use it to judge.
 */
#define _GNU_SOURCE
#include <git2.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char key[1024];
static size_t key_size;
static EVP_PKEY *rsa_key;

static void fail(const char *what) {
    fprintf(stderr, "error: %s\n", what);
    exit(2);
}

static void check(int status, const char *what) {
    if (status < 0) {
        const git_error *error = git_error_last();
        fprintf(stderr, "error: %s: %s\n", what, error ? error->message : "?");
        exit(2);
    }
}

static void read_key(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) fail("the key cannot be opened");
    key_size = fread(key, 1, sizeof key, file);
    fclose(file);
    if (key_size == 32) return;
    BIGNUM *modulus = BN_bin2bn(key, (int)key_size, NULL);
    OSSL_PARAM_BLD *parts = OSSL_PARAM_BLD_new();
    OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_RSA_N, modulus);
    OSSL_PARAM_BLD_push_ulong(parts, OSSL_PKEY_PARAM_RSA_E, 65537);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY_fromdata_init(context);
    if (EVP_PKEY_fromdata(context, &rsa_key, EVP_PKEY_PUBLIC_KEY, OSSL_PARAM_BLD_to_param(parts)) <= 0) fail("bad key");
}

/* Verifying */

static signed char base64_values[256];

static void prepare_base64(void) {
    const char *digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    memset(base64_values, -1, sizeof base64_values);
    for (int value = 0; value < 64; value++) base64_values[(unsigned char)digits[value]] = (signed char)value;
}

/* The packet inside the armor: the lines between the empty one and the checksum. */
static size_t dearmor(const unsigned char *text, const unsigned char *end, unsigned char *packet) {
    const unsigned char *line = memmem(text, (size_t)(end - text), "\n \n", 3);
    size_t size = 0;
    unsigned pending = 0, bits = 0;
    if (!line) return 0;
    for (line += 3; line < end && line[1] != '=' && line[1] != '-'; line++) {
        for (line++; line < end && *line != '\n'; line++) {
            int value = base64_values[*line];
            if (value < 0) continue;
            pending = pending << 6 | (unsigned)value;
            bits += 6;
            if (bits >= 8) packet[size++] = (unsigned char)(pending >> (bits -= 8));
        }
    }
    return size;
}

/* The number at `at`, right-aligned in `width` octets; returns what follows it. */
static const unsigned char *read_number(const unsigned char *at, unsigned char *number, size_t width) {
    size_t size = (size_t)((at[0] << 8 | at[1]) + 7) / 8;
    if (size > width) fail("a number that is too long");
    memset(number, 0, width - size);
    memcpy(number + width - size, at + 2, size);
    return at + 2 + size;
}

struct verifier {
    EVP_MD_CTX *hash;
    EVP_MD *sha512;
    EVP_PKEY_CTX *rsa;
};

static struct verifier new_verifier(void) {
    struct verifier verifier = {EVP_MD_CTX_new(), EVP_MD_fetch(NULL, "SHA512", NULL), NULL};
    if (rsa_key) {
        verifier.rsa = EVP_PKEY_CTX_new(rsa_key, NULL);
        EVP_PKEY_verify_init(verifier.rsa);
        EVP_PKEY_CTX_set_rsa_padding(verifier.rsa, RSA_PKCS1_PADDING);
        EVP_PKEY_CTX_set_signature_md(verifier.rsa, verifier.sha512);
    }
    return verifier;
}

static int verify(struct verifier *verifier, const unsigned char *commit, size_t size) {
    const unsigned char *end = commit + size;
    const unsigned char *header = memmem(commit, size, "\ngpgsig ", 8);
    if (!header) return 0;
    header++;
    const unsigned char *rest = header;
    do {
        rest = (const unsigned char *)memchr(rest, '\n', (size_t)(end - rest)) + 1;
    } while (*rest == ' ');

    unsigned char packet[4096];
    if (dearmor(header, rest, packet) < 20) return 0;
    const unsigned char *body = packet + (packet[1] < 192 ? 2 : 3);
    size_t hashed = (size_t)(6 + (body[4] << 8 | body[5]));
    size_t unhashed = (size_t)(body[hashed] << 8 | body[hashed + 1]);
    const unsigned char *numbers = body + hashed + 2 + unhashed + 2;
    unsigned char trailer[6] = {4, 0xff, 0, 0, (unsigned char)(hashed >> 8), (unsigned char)hashed};
    unsigned char digest[64];
    EVP_DigestInit_ex(verifier->hash, verifier->sha512, NULL);
    EVP_DigestUpdate(verifier->hash, commit, (size_t)(header - commit));
    EVP_DigestUpdate(verifier->hash, rest, (size_t)(end - rest));
    EVP_DigestUpdate(verifier->hash, body, hashed);
    EVP_DigestUpdate(verifier->hash, trailer, sizeof trailer);
    EVP_DigestFinal_ex(verifier->hash, digest, NULL);

    unsigned char signature[1024];
    if (verifier->rsa) {
        read_number(numbers, signature, key_size);
        return EVP_PKEY_verify(verifier->rsa, signature, key_size, digest, sizeof digest) == 1;
    }
    read_number(read_number(numbers, signature, 32), signature + 32, 32);
    return crypto_sign_verify_detached(signature, digest, sizeof digest, key) == 0;
}

/* One thread walks and reads; each object goes to a queue of bounded length. */

enum { QUEUE = 512 };

static git_odb_object *queue[QUEUE];
static size_t queue_first, queue_count;
static int queue_closed;
static long good_count, bad_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void *work(void *unused) {
    (void)unused;
    struct verifier verifier = new_verifier();
    long good = 0, bad = 0;
    git_odb_object *taken[16];
    for (;;) {
        size_t count = 0;
        pthread_mutex_lock(&lock);
        while (!queue_count && !queue_closed) pthread_cond_wait(&changed, &lock);
        for (; queue_count && count < 16; queue_count--) {
            taken[count++] = queue[queue_first];
            queue_first = (queue_first + 1) % QUEUE;
        }
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
        if (!count) break;
        for (size_t index = 0; index < count; index++) {
            if (verify(&verifier, git_odb_object_data(taken[index]), git_odb_object_size(taken[index]))) good++;
            else bad++;
            git_odb_object_free(taken[index]);
        }
    }
    pthread_mutex_lock(&lock);
    good_count += good;
    bad_count += bad;
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void hand_over(git_odb_object *object) {
    pthread_mutex_lock(&lock);
    while (queue_count == QUEUE) pthread_cond_wait(&changed, &lock);
    queue[(queue_first + queue_count++) % QUEUE] = object;
    if (queue_count % 16 == 0) pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* Ids that were seen already: open addressing, doubled when half full. */
static git_oid *seen;
static size_t seen_room = 1 << 12, seen_count;

static int is_new(const git_oid *id) {
    size_t place;
    if (!seen) seen = calloc(seen_room, sizeof *seen);
    if (seen_count * 2 > seen_room) {
        git_oid *old = seen;
        size_t room = seen_room;
        seen_room *= 2;
        seen_count = 0;
        seen = calloc(seen_room, sizeof *seen);
        for (size_t index = 0; index < room; index++)
            if (!git_oid_is_zero(&old[index])) is_new(&old[index]);
        free(old);
    }
    memcpy(&place, id->id, sizeof place);
    for (place %= seen_room; !git_oid_is_zero(&seen[place]); place = (place + 1) % seen_room)
        if (git_oid_equal(&seen[place], id)) return 0;
    seen[place] = *id;
    seen_count++;
    return 1;
}

static void verify_all(git_repository *repository, int threads) {
    git_odb *store;
    git_oid *waiting = malloc(sizeof *waiting);
    size_t count = 1, room = 1;
    pthread_t workers[16];
    check(git_repository_odb(&store, repository), "open the object store");
    check(git_reference_name_to_id(&waiting[0], repository, "HEAD"), "read HEAD");
    for (int index = 0; index < threads; index++) pthread_create(&workers[index], NULL, work, NULL);
    while (count) {
        git_oid id = waiting[--count];
        git_odb_object *object;
        if (!is_new(&id)) continue;
        check(git_odb_read(&object, store, &id), "read a commit");
        const char *line = (const char *)git_odb_object_data(object) + 46;
        for (; !memcmp(line, "parent ", 7); line += 48) {
            if (count == room) waiting = realloc(waiting, (room *= 2) * sizeof *waiting);
            check(git_oid_fromstrn(&waiting[count++], line + 7, 40), "read a parent's id");
        }
        hand_over(object);
    }
    pthread_mutex_lock(&lock);
    queue_closed = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    for (int index = 0; index < threads; index++) pthread_join(workers[index], NULL);
    printf("%ld good, %ld bad\n", good_count, bad_count);
}

/* Merging again */

static void merge_all(git_repository *repository) {
    git_revwalk *walk;
    git_oid id, tree;
    git_odb *store;
    git_odb_backend *memory;
    long same = 0, other = 0;
    check(git_repository_odb(&store, repository), "open the object store");
    check(git_mempack_new(&memory), "open memory");
    check(git_odb_add_backend(store, memory, 999), "add memory");
    check(git_revwalk_new(&walk, repository), "walk");
    check(git_revwalk_push_head(walk), "walk");
    while (!git_revwalk_next(&id, walk)) {
        git_commit *commit, *first, *second;
        git_index *merged;
        git_merge_options options;
        check(git_merge_options_init(&options, GIT_MERGE_OPTIONS_VERSION), "prepare a merge");
        check(git_commit_lookup(&commit, repository, &id), "read a commit");
        if (git_commit_parentcount(commit) == 2) {
            check(git_commit_parent(&first, commit, 0), "read a parent");
            check(git_commit_parent(&second, commit, 1), "read a parent");
            check(git_merge_commits(&merged, repository, first, second, &options), "merge");
            if (!git_index_has_conflicts(merged)) {
                check(git_index_write_tree_to(&tree, merged, repository), "write the merged tree");
                if (git_oid_equal(&tree, git_commit_tree_id(commit))) same++;
                else other++;
            } else other++;
            git_mempack_reset(memory);
            git_index_free(merged);
            git_commit_free(first);
            git_commit_free(second);
        }
        git_commit_free(commit);
    }
    printf("%ld clean, %ld other\n", same, other);
}

int main(int count, char **arguments) {
    git_repository *repository;
    if (count < 3) fail("usage: floor verify REPOSITORY KEY THREADS | floor merge REPOSITORY");
    if (sodium_init() < 0) fail("libsodium cannot be started");
    git_libgit2_init();
    check(git_repository_open(&repository, arguments[2]), "open the repository");
    if (!strcmp(arguments[1], "verify") && count == 5) {
        int threads = atoi(arguments[4]);
        if (threads < 1 || threads > 16) fail("1 to 16 threads");
        prepare_base64();
        read_key(arguments[3]);
        git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
        verify_all(repository, threads);
    } else if (!strcmp(arguments[1], "merge")) merge_all(repository);
    else fail("unknown word");
    return 0;
}
