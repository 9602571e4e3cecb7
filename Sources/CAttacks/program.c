// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "attacks.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
// fork; the child executes argv[1] with argv + 1 and this environment, the parent waits for it.
__asm__(
    ".pushsection .rodata\n"
    ".globl saker_program_begin, saker_program_end\n"
    ".hidden saker_program_begin, saker_program_end\n"
    "saker_program_begin:\n"
    "  cmpq $2, (%rsp)\n"
    "  jl 1f\n"
    "  movl $57, %eax\n"
    "  syscall\n"
    "  testl %eax, %eax\n"
    "  jz 2f\n"
    "  movq $-1, %rdi\n"
    "  xorl %esi, %esi\n"
    "  xorl %edx, %edx\n"
    "  xorl %r10d, %r10d\n"
    "  movl $61, %eax\n"
    "  syscall\n"
    "1: xorl %edi, %edi\n"
    "  movl $60, %eax\n"
    "  syscall\n"
    "2: movq 16(%rsp), %rdi\n"
    "  leaq 16(%rsp), %rsi\n"
    "  movq (%rsp), %rdx\n"
    "  leaq 16(%rsp,%rdx,8), %rdx\n"
    "  movl $59, %eax\n"
    "  syscall\n"
    "  jmp 1b\n"
    "saker_program_end:\n"
    // Takes argv[1] as its name, and opens argv[2].
    ".globl saker_renamer_begin, saker_renamer_end\n"
    ".hidden saker_renamer_begin, saker_renamer_end\n"
    "saker_renamer_begin:\n"
    "  movl $15, %edi\n"
    "  movq 16(%rsp), %rsi\n"
    "  movl $157, %eax\n"
    "  syscall\n"
    "  movq 24(%rsp), %rdi\n"
    "  xorl %esi, %esi\n"
    "  xorl %edx, %edx\n"
    "  movl $2, %eax\n"
    "  syscall\n"
    "  xorl %edi, %edi\n"
    "  movl $60, %eax\n"
    "  syscall\n"
    "saker_renamer_end:\n"
    ".popsection\n");
extern const unsigned char saker_program_begin[], saker_program_end[], saker_renamer_begin[], saker_renamer_end[];

size_t program_image(enum program program, unsigned char *buffer, size_t size) {
    const Elf64_Addr base = 0x400000;
    const unsigned char *begin = program == RENAMER ? saker_renamer_begin : saker_program_begin;
    const unsigned char *end = program == RENAMER ? saker_renamer_end : saker_program_end;
    size_t code = end - begin, total = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + code;
    if (total > size) return 0;
    Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = EV_CURRENT, .e_entry = base + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
        .e_phoff = sizeof(Elf64_Ehdr), .e_ehsize = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 1,
    };
    Elf64_Phdr part = {
        .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = base, .p_paddr = base, .p_filesz = total, .p_memsz = total, .p_align = 4096,
    };
    memcpy(buffer, &header, sizeof header);
    memcpy(buffer + sizeof header, &part, sizeof part);
    memcpy(buffer + sizeof header + sizeof part, begin, code);
    return total;
}
#else
size_t program_image(enum program program, unsigned char *buffer, size_t size) {
    (void)program, (void)buffer, (void)size;
    return 0;
}
#endif

void program_write(enum program program, int descriptor) {
    unsigned char image[512];
    size_t size = program_image(program, image, sizeof image);
    if (!size) attack_impossible();
    attack_check(write(descriptor, image, size));
}

int program_make(enum program program, const char *path) {
    int file = attack_check(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700));
    program_write(program, file);
    close(file);
    return attack_check(open(path, O_RDONLY | O_CLOEXEC));
}

void attack_memfd(const struct attack *attack) {
    int program = attack_check(memfd_create(attack->name, MFD_CLOEXEC));
    program_write(STARTER, program);
    char *const argv[] = {"selftest-memfd", NULL}, *const envp[] = {NULL};
    attack_check(syscall(SYS_execveat, program, "", argv, envp, AT_EMPTY_PATH));
}

void attack_execveat(const struct attack *attack) {
    char path[PATH_BYTES];
    int program = program_make(STARTER, attack_path(attack, "program-execveat", path));
    char *const argv[] = {"something-else", NULL}, *const envp[] = {NULL};
    attack_check(syscall(SYS_execveat, program, "", argv, envp, AT_EMPTY_PATH));
}

void attack_long_arguments(const struct attack *attack) {
    char path[PATH_BYTES];
    // One argument may have 128 KiB, its end included.
    static char filler[128 << 10];
    memset(filler, 'x', sizeof filler - 1);
    close(program_make(STARTER, attack_path(attack, "program-long", path)));
    char *const argv[] = {"program-long", filler, "--the-point", NULL}, *const envp[] = {NULL};
    attack_check(execve(path, argv, envp));
}

void attack_deep_chain(const struct attack *attack) {
    enum { LINKS = 12 };
    char top[PATH_BYTES], link[PATH_BYTES], last[PATH_BYTES];
    close(program_make(STARTER, attack_path(attack, "chain-top", top)));
    close(program_make(STARTER, attack_path(attack, "chain-link", link)));
    close(program_make(STARTER, attack_path(attack, "chain-last", last)));
    char *argv[LINKS + 3] = {top}, *const envp[] = {NULL};
    for (int i = 1; i <= LINKS; i++) argv[i] = link;
    argv[LINKS + 1] = last;
    attack_check(execve(top, argv, envp));
}

void attack_renamed(const struct attack *attack) {
    char path[PATH_BYTES];
    close(program_make(RENAMER, attack_path(attack, "program-renamed", path)));
    char *const argv[] = {"program-renamed", "kworker/0:1", (char *)attack->secret, NULL}, *const envp[] = {NULL};
    attack_check(execve(path, argv, envp));
}
