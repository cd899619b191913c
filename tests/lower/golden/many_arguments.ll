define hidden swifttailcc i64 @f0.callee(ptr swiftself %0, i32 %1, i32 %2, i32 %3, i32 %4, i32 %5, i32 %6, float %7) {
entry:
  %8 = getelementptr inbounds i8, ptr %0, i64 8
  %9 = load ptr, ptr %8, align 8
  %10 = load ptr, ptr %9, align 8
  %11 = getelementptr inbounds i8, ptr %10, i64 96
  %12 = load i64, ptr %11, align 8
  br label %start

start:                                            ; preds = %entry
  %13 = zext i32 %6 to i64
  %14 = add i64 %12, %13
  ret i64 %14
}
define hidden swifttailcc i64 @f1(ptr swiftself %0, i64 %1) {
entry:
  %2 = getelementptr inbounds i8, ptr %0, i64 8
  %3 = load ptr, ptr %2, align 8
  br label %start

start:                                            ; preds = %entry
  %4 = load ptr, ptr %3, align 8
  %5 = getelementptr inbounds i8, ptr %4, i64 96
  store i64 %1, ptr %5, align 8
  %6 = call swifttailcc i64 @f0.callee(ptr swiftself %0, i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, float 7.000000e+00)
  ret i64 %6
}
define hidden swifttailcc i64 @f2(ptr swiftself %0, i64 %1) {
entry:
  %2 = getelementptr inbounds i8, ptr %0, i64 8
  %3 = load ptr, ptr %2, align 8
  br label %start

start:                                            ; preds = %entry
  %4 = load ptr, ptr %3, align 8
  %5 = getelementptr inbounds i8, ptr %4, i64 96
  store i64 %1, ptr %5, align 8
  %6 = musttail call swifttailcc i64 @f0.callee(ptr swiftself %0, i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, float 7.000000e+00)
  ret i64 %6
}
define hidden void @swage_entry_0(ptr %0, ptr %1, ptr %2) {
entry:
  %3 = getelementptr inbounds i8, ptr %2, i64 0
  %4 = load i32, ptr %3, align 4
  %5 = getelementptr inbounds i8, ptr %2, i64 16
  %6 = load i32, ptr %5, align 4
  %7 = getelementptr inbounds i8, ptr %2, i64 32
  %8 = load i32, ptr %7, align 4
  %9 = getelementptr inbounds i8, ptr %2, i64 48
  %10 = load i32, ptr %9, align 4
  %11 = getelementptr inbounds i8, ptr %2, i64 64
  %12 = load i32, ptr %11, align 4
  %13 = getelementptr inbounds i8, ptr %2, i64 80
  %14 = load i32, ptr %13, align 4
  %15 = getelementptr inbounds i8, ptr %2, i64 96
  %16 = load i64, ptr %15, align 8
  %17 = getelementptr inbounds i8, ptr %1, i64 8
  %18 = load ptr, ptr %17, align 8
  %19 = getelementptr inbounds i8, ptr %18, i64 0
  %20 = load ptr, ptr %19, align 8
  %21 = getelementptr inbounds i8, ptr %20, i64 96
  store i64 %16, ptr %21, align 8
  %22 = getelementptr inbounds i8, ptr %2, i64 112
  %23 = load float, ptr %22, align 4
  %24 = call swifttailcc i64 %0(ptr swiftself %1, i32 %4, i32 %6, i32 %8, i32 %10, i32 %12, i32 %14, float %23)
  store i64 %24, ptr %2, align 8
  ret void
}
