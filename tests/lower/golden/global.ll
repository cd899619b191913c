define hidden swifttailcc void @f0.read(ptr swiftself %0) {
entry:
  %1 = getelementptr inbounds i8, ptr %0, i64 56
  %2 = load ptr, ptr %1, align 8
  %3 = getelementptr inbounds i8, ptr %0, i64 64
  %4 = load ptr, ptr %3, align 8
  %5 = getelementptr inbounds i8, ptr %0, i64 8
  %6 = load ptr, ptr %5, align 8
  br label %start

start:                                            ; preds = %entry
  %7 = load i32, ptr %2, align 4
  %8 = load i64, ptr %4, align 8
  %9 = getelementptr inbounds i8, ptr %0, i64 96
  %10 = load i32, ptr %9, align 4
  %11 = getelementptr inbounds i8, ptr %0, i64 112
  %12 = load i32, ptr %11, align 4
  %13 = load ptr, ptr %6, align 8
  store i32 %7, ptr %13, align 4
  %14 = load ptr, ptr %6, align 8
  %15 = getelementptr inbounds i8, ptr %14, i64 16
  store i64 %8, ptr %15, align 8
  %16 = load ptr, ptr %6, align 8
  %17 = getelementptr inbounds i8, ptr %16, i64 32
  store i32 7, ptr %17, align 4
  %18 = load ptr, ptr %6, align 8
  %19 = getelementptr inbounds i8, ptr %18, i64 48
  store i32 %10, ptr %19, align 4
  %20 = load ptr, ptr %6, align 8
  %21 = getelementptr inbounds i8, ptr %20, i64 64
  store i32 %12, ptr %21, align 4
  ret void
}
define hidden swifttailcc void @f1.write(ptr swiftself %0) {
entry:
  br label %start

start:                                            ; preds = %entry
  %1 = getelementptr inbounds i8, ptr %0, i64 96
  store i32 1, ptr %1, align 4
  ret void
}
define hidden swifttailcc void @swage_init(ptr swiftself %0, ptr %1) {
entry:
  %2 = getelementptr inbounds i8, ptr %0, i64 56
  %3 = load ptr, ptr %2, align 8
  br label %start

start:                                            ; preds = %entry
  %4 = load i32, ptr %3, align 4
  %5 = add i32 %4, 1
  %6 = getelementptr inbounds i8, ptr %1, i64 0
  store i32 %5, ptr %6, align 4
  %7 = getelementptr inbounds i8, ptr %0, i64 112
  store i32 %5, ptr %7, align 4
  ret void
}
define hidden void @swage_init_entry(ptr %0, ptr %1, ptr %2) {
entry:
  call swifttailcc void %0(ptr swiftself %1, ptr %2)
  ret void
}
