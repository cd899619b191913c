// x86-64, System V: see platform/entry.h. The unwinder and gdb walk from a guest's stack to the host's through the CFI of
// swage_enter, whose frame address hangs on %rbp and so does not care which stack %rsp is on.
#include "runtime/platform/entry.h"

#define FUNCTION(name)                                                                                                 \
  .globl name;                                                                                                         \
  .hidden name;                                                                                                        \
  .type name, @function;                                                                                               \
  .p2align 4;                                                                                                          \
  name:                                                                                                                \
  .cfi_startproc
#define END(name)                                                                                                      \
  .cfi_endproc;                                                                                                        \
  .size name, . - name
#define LABEL(name)                                                                                                    \
  .globl name;                                                                                                         \
  .hidden name;                                                                                                        \
  name:

        .text

// uint32_t swage_enter(entry rdi, code rsi, context rdx, values rcx, stack_top r8, activation r9)
FUNCTION(swage_enter)
        push    %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        mov     %rsp, %rbp
        .cfi_def_cfa_register %rbp
        push    %rbx
        .cfi_offset %rbx, -24
        push    %r12
        .cfi_offset %r12, -32
        push    %r13
        .cfi_offset %r13, -40
        push    %r14
        .cfi_offset %r14, -48
        push    %r15
        .cfi_offset %r15, -56
        mov     %rsp, SWAGE_ACTIVATION_LANDING_SP(%r9)
        test    %r8, %r8
        cmovne  %r8, %rsp
        and     $-16, %rsp
        mov     %rdi, %rax
        mov     %rsi, %rdi
        mov     %rdx, %rsi
        mov     %rcx, %rdx
        call    *%rax
        xor     %eax, %eax
.Lleave:
        lea     -40(%rbp), %rsp
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbx
        pop     %rbp
        .cfi_remember_state
        .cfi_def_cfa %rsp, 8
        ret
        .cfi_restore_state
LABEL(swage_enter_landing)
        lea     40(%rsp), %rbp
        mov     $1, %eax
        jmp     .Lleave
LABEL(swage_enter_end)
END(swage_enter)

// void swage_resume(landing_sp rdi)
FUNCTION(swage_resume)
        mov     %rdi, %rsp
        jmp     swage_enter_landing
END(swage_resume)

FUNCTION(swage_stack_exhausted)
        ud2
END(swage_stack_exhausted)

// Compiled code keeps the stack aligned to 8 bytes only (runtime/abi/abi.h), C++ wants 16: from one to the other.
#define ALIGN_STACK                                                                                                    \
  push %rbp;                                                                                                           \
  .cfi_def_cfa_offset 16;                                                                                              \
  .cfi_offset %rbp, -16;                                                                                               \
  mov %rsp, %rbp;                                                                                                      \
  .cfi_def_cfa_register %rbp;                                                                                          \
  and $-16, %rsp
#define RESTORE_STACK                                                                                                  \
  mov %rbp, %rsp;                                                                                                      \
  pop %rbp;                                                                                                            \
  .cfi_def_cfa %rsp, 8;                                                                                                \
  .cfi_restore %rbp

// Host functions: HostContext* in rdi.
FUNCTION(swage_host_stub)
        mov     SWAGE_CONTEXT_STORE(%rdi), %rax
        cmp     SWAGE_STORE_STACK_LIMIT(%rax), %rsp
        jb      swage_stack_exhausted
        ALIGN_STACK
        call    swage_host_entry
        test    %rax, %rax
        jnz     1f
        .cfi_remember_state
        RESTORE_STACK
        ret
        .cfi_restore_state
1:      mov     %rax, %rsi
        call    swage_builtin_throw_ref
END(swage_host_stub)

// The runtime function throw_ref, called by a stub that has aligned the stack: tells swage_throw the registers of the
// stub's caller. Context* in rdi is not needed, the exception in rsi.
FUNCTION(swage_builtin_throw_ref)
        sub     $72, %rsp
        .cfi_def_cfa_offset 80
        lea     16(%rbp), %rax
        mov     %rax, (%rsp)
        mov     8(%rbp), %rax
        mov     %rax, 8(%rsp)
        mov     (%rbp), %rax
        mov     %rax, 16(%rsp)
        mov     %rbx, 24(%rsp)
        mov     %r12, 32(%rsp)
        mov     %r13, 40(%rsp)
        mov     %r14, 48(%rsp)
        mov     %r15, 56(%rsp)
        mov     %rsi, %rdi
        mov     %rsp, %rsi
        call    swage_throw
END(swage_builtin_throw_ref)

// void swage_land(registers rdi, exception rsi): a landing pad has two values, of which it reads the first.
FUNCTION(swage_land)
        mov     %rsi, %rax
        xor     %edx, %edx
        mov     8(%rdi), %rcx
        mov     16(%rdi), %rbp
        mov     24(%rdi), %rbx
        mov     32(%rdi), %r12
        mov     40(%rdi), %r13
        mov     48(%rdi), %r14
        mov     56(%rdi), %r15
        mov     (%rdi), %rsp
        jmp     *%rcx
END(swage_land)

// Internal convention: HostContext* in r13, arguments in rdi rsi rdx rcx r8 r9 xmm0-7 and on the stack.
FUNCTION(swage_bind_stub)
        mov     SWAGE_CONTEXT_STORE(%r13), %rax
        cmp     SWAGE_STORE_STACK_LIMIT(%rax), %rsp
        jb      swage_stack_exhausted
        ALIGN_STACK
        sub     $176, %rsp
        mov     %rdi, (%rsp)
        mov     %rsi, 8(%rsp)
        mov     %rdx, 16(%rsp)
        mov     %rcx, 24(%rsp)
        mov     %r8, 32(%rsp)
        mov     %r9, 40(%rsp)
        movaps  %xmm0, 48(%rsp)
        movaps  %xmm1, 64(%rsp)
        movaps  %xmm2, 80(%rsp)
        movaps  %xmm3, 96(%rsp)
        movaps  %xmm4, 112(%rsp)
        movaps  %xmm5, 128(%rsp)
        movaps  %xmm6, 144(%rsp)
        movaps  %xmm7, 160(%rsp)
        mov     %r13, %rdi
        call    swage_bind_trampoline
        mov     (%rsp), %rdi
        mov     8(%rsp), %rsi
        mov     16(%rsp), %rdx
        mov     24(%rsp), %rcx
        mov     32(%rsp), %r8
        mov     40(%rsp), %r9
        movaps  48(%rsp), %xmm0
        movaps  64(%rsp), %xmm1
        movaps  80(%rsp), %xmm2
        movaps  96(%rsp), %xmm3
        movaps  112(%rsp), %xmm4
        movaps  128(%rsp), %xmm5
        movaps  144(%rsp), %xmm6
        movaps  160(%rsp), %xmm7
        RESTORE_STACK
        jmp     *%rax
END(swage_bind_stub)

// Runtime functions: Context* in rdi. None has arguments on the stack (builtins.h).
#define BUILTIN(id, signature)                                                                                         \
  FUNCTION(swage_builtin_stub_##id);                                                                                   \
  mov SWAGE_CONTEXT_STORE(%rdi), %rax;                                                                                 \
  cmp SWAGE_STORE_STACK_LIMIT(%rax), %rsp;                                                                             \
  jb swage_stack_exhausted;                                                                                            \
  ALIGN_STACK;                                                                                                         \
  call swage_builtin_##id;                                                                                             \
  RESTORE_STACK;                                                                                                       \
  ret;                                                                                                                 \
  END(swage_builtin_stub_##id);
#include "runtime/abi/builtins.inc"

        .section .note.GNU-stack, "", @progbits
