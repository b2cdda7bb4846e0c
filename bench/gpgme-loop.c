/*
 * What a program pays that asks GPGME about each commit: one gpg process for each.
 *
 *   gpgme-loop REPOSITORY COUNT     the newest COUNT commits of HEAD, keys from GNUPGHOME
 */
#include <git2.h>
#include <gpgme.h>
#include <stdio.h>
#include <stdlib.h>

static void check(int failed, const char *what) {
    if (!failed) return;
    fprintf(stderr, "error: %s\n", what);
    exit(2);
}

int main(int count, char **arguments) {
    git_repository *repository;
    git_revwalk *walk;
    git_oid id;
    gpgme_ctx_t context;
    long good = 0, other = 0;
    check(count != 3, "usage: gpgme-loop REPOSITORY COUNT");
    long wanted = atol(arguments[2]);
    gpgme_check_version(NULL);
    check(gpgme_new(&context) != 0, "GPGME cannot be started");
    git_libgit2_init();
    check(git_repository_open(&repository, arguments[1]), "the repository cannot be opened");
    check(git_revwalk_new(&walk, repository) || git_revwalk_push_head(walk), "no HEAD");
    while (good + other < wanted && !git_revwalk_next(&id, walk)) {
        git_buf signature = {0}, content = {0};
        gpgme_data_t signature_data, content_data;
        check(git_commit_extract_signature(&signature, &content, repository, &id, NULL), "no signature");
        gpgme_data_new_from_mem(&signature_data, signature.ptr, signature.size, 0);
        gpgme_data_new_from_mem(&content_data, content.ptr, content.size, 0);
        check(gpgme_op_verify(context, signature_data, content_data, NULL) != 0, "GPGME failed");
        gpgme_verify_result_t result = gpgme_op_verify_result(context);
        if (result->signatures && !gpgme_err_code(result->signatures->status)) good++;
        else other++;
        gpgme_data_release(signature_data);
        gpgme_data_release(content_data);
        git_buf_dispose(&signature);
        git_buf_dispose(&content);
    }
    printf("%ld good, %ld other\n", good, other);
    return 0;
}
