// From a stub whose function is not compiled yet into C++ and on into the function, as if it had been called directly.
//
// x16: the slot table (stubs.h), w17: the function's index, lr: the guest's return address. Every register that can hold an
// argument of the internal convention (swifttailcc) or of C is kept: x0 to x8 and 128 bits of q0 to q7. The context
// registers x20 to x22 are callee-saved in C++. The address table covers the stubs but not this code: the stub's head has
// touched the stack that it needs.

    .text
    .globl  swage_jit_lazy_entry
    .hidden swage_jit_lazy_entry
    .type   swage_jit_lazy_entry, %function
    .p2align 4
swage_jit_lazy_entry:
    .cfi_startproc
    stp     x29, x30, [sp, #-224]!
    .cfi_def_cfa_offset 224
    .cfi_offset x29, -224
    .cfi_offset x30, -216
    mov     x29, sp
    stp     q0, q1, [sp, #16]
    stp     q2, q3, [sp, #48]
    stp     q4, q5, [sp, #80]
    stp     q6, q7, [sp, #112]
    stp     x0, x1, [sp, #144]
    stp     x2, x3, [sp, #160]
    stp     x4, x5, [sp, #176]
    stp     x6, x7, [sp, #192]
    str     x8, [sp, #208]

    ldp     x0, x9, [x16, #8]
    mov     w1, w17
    blr     x9
    mov     x16, x0

    ldp     q0, q1, [sp, #16]
    ldp     q2, q3, [sp, #48]
    ldp     q4, q5, [sp, #80]
    ldp     q6, q7, [sp, #112]
    ldp     x0, x1, [sp, #144]
    ldp     x2, x3, [sp, #160]
    ldp     x4, x5, [sp, #176]
    ldp     x6, x7, [sp, #192]
    ldr     x8, [sp, #208]
    ldp     x29, x30, [sp], #224
    .cfi_def_cfa_offset 0
    .cfi_restore x29
    .cfi_restore x30
    br      x16
    .cfi_endproc
    .size   swage_jit_lazy_entry, .-swage_jit_lazy_entry

    .section .note.GNU-stack, "", %progbits
