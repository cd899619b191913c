define hidden swifttailcc i32 @f0.divide(ptr swiftself %0, i32 %1, i32 %2) {
entry:
  br label %start

start:                                            ; preds = %entry
  %3 = icmp eq i32 %2, 0
  br i1 %3, label %trap, label %next ; weights 1 1048575

next:                                             ; preds = %start
  %4 = icmp eq i32 %2, -1
  %5 = icmp eq i32 %1, -2147483648
  %6 = and i1 %4, %5
  br i1 %6, label %trap2, label %next1 ; weights 1 1048575

next1:                                            ; preds = %next
  %7 = sdiv i32 %1, %2
  ret i32 %7

trap:                                             ; preds = %start
  call void @llvm.ubsantrap(i8 6) [ "deopt"() ]
  unreachable

trap2:                                            ; preds = %next
  call void @llvm.ubsantrap(i8 7) [ "deopt"() ]
  unreachable
}
define hidden swifttailcc i32 @f1.divide_by_constant(ptr swiftself %0, i32 %1) {
entry:
  br label %start

start:                                            ; preds = %entry
  br i1 false, label %trap, label %next ; weights 1 1048575

next:                                             ; preds = %start
  %2 = icmp eq i32 %1, -2147483648
  %3 = and i1 false, %2
  br i1 %3, label %trap2, label %next1 ; weights 1 1048575

next1:                                            ; preds = %next
  %4 = sdiv i32 %1, 10
  ret i32 %4

trap:                                             ; preds = %start
  call void @llvm.ubsantrap(i8 6) [ "deopt"() ]
  unreachable

trap2:                                            ; preds = %next
  call void @llvm.ubsantrap(i8 7) [ "deopt"() ]
  unreachable
}
define hidden swifttailcc i64 @f2.truncate(ptr swiftself %0, float %1) {
entry:
  br label %start

start:                                            ; preds = %entry
  %2 = fcmp ogt float %1, -1.000000e+00
  %3 = fcmp olt float %1, 0x43F0000000000000
  %4 = and i1 %2, %3
  br i1 %4, label %next, label %does_not_fit ; weights 1048575 1

next:                                             ; preds = %start
  %5 = fptoui float %1 to i64
  ret i64 %5

trap:                                             ; preds = %does_not_fit
  call void @llvm.ubsantrap(i8 7) [ "deopt"() ]
  unreachable

trap1:                                            ; preds = %does_not_fit
  call void @llvm.ubsantrap(i8 8) [ "deopt"() ]
  unreachable

does_not_fit:                                     ; preds = %start
  %6 = fcmp uno float %1, %1
  br i1 %6, label %trap1, label %trap
}
