// From a stub whose function is not compiled yet into C++ and on into the function, as if it had been called directly.
//
// On the stack: the slot table (stubs.h), the function's index, and the guest's return address. Every register that can hold an
// argument of the internal convention (swifttailcc) or of C is kept: the integer ones, rax and r10, and 128 bits of xmm0 to
// xmm7. The context registers r12 to r14 are callee-saved in C++. The address table covers the stubs but not this code: the
// stub's head has touched the stack that it needs. Compiled code keeps the stack aligned to 8 bytes only, C++ wants 16.

    .text
    .globl  swage_jit_lazy_entry
    .hidden swage_jit_lazy_entry
    .type   swage_jit_lazy_entry, @function
    .p2align 4
swage_jit_lazy_entry:
    .cfi_startproc
    .cfi_def_cfa_offset 24
    push    %rbp
    .cfi_def_cfa_offset 32
    .cfi_offset %rbp, -32
    mov     %rsp, %rbp
    .cfi_def_cfa_register %rbp
    and     $-16, %rsp
    sub     $192, %rsp
    movaps  %xmm0, 0(%rsp)
    movaps  %xmm1, 16(%rsp)
    movaps  %xmm2, 32(%rsp)
    movaps  %xmm3, 48(%rsp)
    movaps  %xmm4, 64(%rsp)
    movaps  %xmm5, 80(%rsp)
    movaps  %xmm6, 96(%rsp)
    movaps  %xmm7, 112(%rsp)
    mov     %rdi, 128(%rsp)
    mov     %rsi, 136(%rsp)
    mov     %rdx, 144(%rsp)
    mov     %rcx, 152(%rsp)
    mov     %r8, 160(%rsp)
    mov     %r9, 168(%rsp)
    mov     %rax, 176(%rsp)
    mov     %r10, 184(%rsp)

    mov     8(%rbp), %r11
    mov     16(%rbp), %rsi
    mov     8(%r11), %rdi
    call    *16(%r11)
    mov     %rax, %r11

    movaps  0(%rsp), %xmm0
    movaps  16(%rsp), %xmm1
    movaps  32(%rsp), %xmm2
    movaps  48(%rsp), %xmm3
    movaps  64(%rsp), %xmm4
    movaps  80(%rsp), %xmm5
    movaps  96(%rsp), %xmm6
    movaps  112(%rsp), %xmm7
    mov     128(%rsp), %rdi
    mov     136(%rsp), %rsi
    mov     144(%rsp), %rdx
    mov     152(%rsp), %rcx
    mov     160(%rsp), %r8
    mov     168(%rsp), %r9
    mov     176(%rsp), %rax
    mov     184(%rsp), %r10
    mov     %rbp, %rsp
    pop     %rbp
    .cfi_def_cfa %rsp, 24
    .cfi_restore %rbp
    add     $16, %rsp
    .cfi_def_cfa_offset 8
    jmp     *%r11
    .cfi_endproc
    .size   swage_jit_lazy_entry, .-swage_jit_lazy_entry

    .section .note.GNU-stack, "", @progbits
