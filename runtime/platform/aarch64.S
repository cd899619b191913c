// AArch64, AAPCS64: see platform/entry.h. The unwinder and gdb walk from a guest's stack to the host's through the CFI of
// swage_enter, whose frame address hangs on x29 and so does not care which stack sp is on.
#include "runtime/platform/entry.h"

#define FUNCTION(name)                                                                                                 \
  .globl name;                                                                                                         \
  .hidden name;                                                                                                        \
  .type name, %function;                                                                                               \
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

// uint32_t swage_enter(entry x0, code x1, context x2, values x3, stack_top x4, activation x5)
FUNCTION(swage_enter)
        stp     x29, x30, [sp, #-160]!
        .cfi_def_cfa_offset 160
        .cfi_offset x29, -160
        .cfi_offset x30, -152
        mov     x29, sp
        .cfi_def_cfa_register x29
        stp     x19, x20, [sp, #16]
        .cfi_offset x19, -144
        .cfi_offset x20, -136
        stp     x21, x22, [sp, #32]
        .cfi_offset x21, -128
        .cfi_offset x22, -120
        stp     x23, x24, [sp, #48]
        .cfi_offset x23, -112
        .cfi_offset x24, -104
        stp     x25, x26, [sp, #64]
        .cfi_offset x25, -96
        .cfi_offset x26, -88
        stp     x27, x28, [sp, #80]
        .cfi_offset x27, -80
        .cfi_offset x28, -72
        stp     d8, d9, [sp, #96]
        .cfi_offset d8, -64
        .cfi_offset d9, -56
        stp     d10, d11, [sp, #112]
        .cfi_offset d10, -48
        .cfi_offset d11, -40
        stp     d12, d13, [sp, #128]
        .cfi_offset d12, -32
        .cfi_offset d13, -24
        stp     d14, d15, [sp, #144]
        .cfi_offset d14, -16
        .cfi_offset d15, -8
        str     x29, [x5, #SWAGE_ACTIVATION_LANDING_SP]
        cbz     x4, 1f
        mov     sp, x4
1:      mov     x8, x0
        mov     x0, x1
        mov     x1, x2
        mov     x2, x3
        blr     x8
        mov     w0, #0
.Lleave:
        mov     sp, x29
        ldp     x19, x20, [sp, #16]
        ldp     x21, x22, [sp, #32]
        ldp     x23, x24, [sp, #48]
        ldp     x25, x26, [sp, #64]
        ldp     x27, x28, [sp, #80]
        ldp     d8, d9, [sp, #96]
        ldp     d10, d11, [sp, #112]
        ldp     d12, d13, [sp, #128]
        ldp     d14, d15, [sp, #144]
        ldp     x29, x30, [sp], #160
        .cfi_remember_state
        .cfi_def_cfa sp, 0
        ret
        .cfi_restore_state
LABEL(swage_enter_landing)
        mov     x29, sp
        mov     w0, #1
        b       .Lleave
LABEL(swage_enter_end)
END(swage_enter)

// void swage_resume(landing_sp x0)
FUNCTION(swage_resume)
        mov     sp, x0
        b       swage_enter_landing
END(swage_resume)

FUNCTION(swage_stack_exhausted)
        brk     #1
END(swage_stack_exhausted)

// Host functions: HostContext* in x0.
FUNCTION(swage_host_stub)
        ldr     x9, [x0, #SWAGE_CONTEXT_STORE]
        ldr     x9, [x9, #SWAGE_STORE_STACK_LIMIT]
        cmp     sp, x9
        b.lo    swage_stack_exhausted
        stp     x29, x30, [sp, #-16]!
        .cfi_def_cfa_offset 16
        .cfi_offset x29, -16
        .cfi_offset x30, -8
        bl      swage_host_entry
        ldp     x29, x30, [sp], #16
        .cfi_def_cfa_offset 0
        .cfi_restore x29
        .cfi_restore x30
        cbnz    x0, 1f
        ret
1:      mov     x1, x0
        b       swage_builtin_throw_ref
END(swage_host_stub)

// The runtime function throw_ref, to which its stub jumps: tells swage_throw the registers of the caller. Context* in x0
// is not needed, the exception in x1.
FUNCTION(swage_builtin_throw_ref)
        stp     x29, x30, [sp, #-192]!
        .cfi_def_cfa_offset 192
        .cfi_offset x29, -192
        .cfi_offset x30, -184
        add     x9, sp, #192
        stp     x9, x30, [sp, #16]
        stp     x19, x20, [sp, #32]
        stp     x21, x22, [sp, #48]
        stp     x23, x24, [sp, #64]
        stp     x25, x26, [sp, #80]
        stp     x27, x28, [sp, #96]
        stp     d8, d9, [sp, #112]
        stp     d10, d11, [sp, #128]
        stp     d12, d13, [sp, #144]
        stp     d14, d15, [sp, #160]
        str     x29, [sp, #176]
        mov     x0, x1
        add     x1, sp, #16
        bl      swage_throw
END(swage_builtin_throw_ref)

// void swage_land(registers x0, exception x1): a landing pad has two values, of which it reads the first.
FUNCTION(swage_land)
        ldp     x9, x10, [x0]
        ldp     x19, x20, [x0, #16]
        ldp     x21, x22, [x0, #32]
        ldp     x23, x24, [x0, #48]
        ldp     x25, x26, [x0, #64]
        ldp     x27, x28, [x0, #80]
        ldp     d8, d9, [x0, #96]
        ldp     d10, d11, [x0, #112]
        ldp     d12, d13, [x0, #128]
        ldp     d14, d15, [x0, #144]
        ldr     x29, [x0, #160]
        mov     sp, x9
        mov     x0, x1
        mov     x1, #0
        br      x10
END(swage_land)

// Internal convention: HostContext* in x20, arguments in x0-x7 q0-q7 and on the stack.
FUNCTION(swage_bind_stub)
        ldr     x9, [x20, #SWAGE_CONTEXT_STORE]
        ldr     x9, [x9, #SWAGE_STORE_STACK_LIMIT]
        cmp     sp, x9
        b.lo    swage_stack_exhausted
        stp     x29, x30, [sp, #-208]!
        .cfi_def_cfa_offset 208
        .cfi_offset x29, -208
        .cfi_offset x30, -200
        stp     x0, x1, [sp, #16]
        stp     x2, x3, [sp, #32]
        stp     x4, x5, [sp, #48]
        stp     x6, x7, [sp, #64]
        stp     q0, q1, [sp, #80]
        stp     q2, q3, [sp, #112]
        stp     q4, q5, [sp, #144]
        stp     q6, q7, [sp, #176]
        mov     x0, x20
        bl      swage_bind_trampoline
        mov     x9, x0
        ldp     x0, x1, [sp, #16]
        ldp     x2, x3, [sp, #32]
        ldp     x4, x5, [sp, #48]
        ldp     x6, x7, [sp, #64]
        ldp     q0, q1, [sp, #80]
        ldp     q2, q3, [sp, #112]
        ldp     q4, q5, [sp, #144]
        ldp     q6, q7, [sp, #176]
        ldp     x29, x30, [sp], #208
        .cfi_def_cfa_offset 0
        br      x9
END(swage_bind_stub)

// Runtime functions: Context* in x0.
#define BUILTIN(id, signature)                                                                                         \
  FUNCTION(swage_builtin_stub_##id);                                                                                   \
  ldr x9, [x0, #SWAGE_CONTEXT_STORE];                                                                                  \
  ldr x9, [x9, #SWAGE_STORE_STACK_LIMIT];                                                                              \
  cmp sp, x9;                                                                                                          \
  b.lo swage_stack_exhausted;                                                                                          \
  b swage_builtin_##id;                                                                                                \
  END(swage_builtin_stub_##id);
#include "runtime/abi/builtins.inc"

        .section .note.GNU-stack, "", %progbits
