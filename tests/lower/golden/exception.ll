define hidden swifttailcc void @f1.throws(ptr swiftself %0, i32 %1) {
entry:
  br label %start

start:                                            ; preds = %entry
  %2 = getelementptr inbounds i8, ptr %0, i64 8
  %3 = load ptr, ptr %2, align 8
  %4 = getelementptr inbounds i8, ptr %0, i64 80
  %5 = load ptr, ptr %4, align 8
  %6 = load ptr, ptr %0, align 8
  %7 = getelementptr inbounds i8, ptr %6, i64 120
  %8 = load ptr, ptr %7, align 8
  %9 = call ptr %8(ptr %0, ptr %3, ptr %5)
  %10 = getelementptr inbounds i8, ptr %9, i64 8
  store i32 %1, ptr %10, align 4, !tbaa !3
  %11 = getelementptr inbounds i8, ptr %9, i64 16
  store i64 2, ptr %11, align 8, !tbaa !13
  %12 = load ptr, ptr %0, align 8
  %13 = getelementptr inbounds i8, ptr %12, i64 112
  %14 = load ptr, ptr %13, align 8
  call void %14(ptr %0, ptr %9)
  unreachable
}
define hidden swifttailcc i32 @f2.catches(ptr swiftself %0, i32 %1) personality ptr @swage_personality {
entry:
  %2 = getelementptr inbounds i8, ptr %0, i64 56
  %3 = load ptr, ptr %2, align 8
  %4 = getelementptr inbounds i8, ptr %0, i64 64
  %5 = load ptr, ptr %4, align 8
  br label %start

start:                                            ; preds = %entry
  invoke swifttailcc void %3(ptr swiftself %5)
          to label %next unwind label %pad

next:                                             ; preds = %start
  invoke swifttailcc void %3(ptr swiftself %5)
          to label %next1 unwind label %pad5

next1:                                            ; preds = %next
  invoke swifttailcc void %3(ptr swiftself %5)
          to label %next2 unwind label %pad5

next2:                                            ; preds = %next1
  br label %join

catch:                                            ; preds = %pad5, %pad
  %6 = phi ptr [ %19, %pad ], [ %21, %pad5 ]
  %7 = phi i32 [ %1, %pad ], [ 1, %pad5 ]
  %8 = load ptr, ptr %6, align 8, !tbaa !3
  %9 = getelementptr inbounds i8, ptr %0, i64 80
  %10 = load ptr, ptr %9, align 8
  %11 = icmp eq ptr %8, %10
  br i1 %11, label %match, label %next3

match:                                            ; preds = %catch
  %12 = getelementptr inbounds i8, ptr %6, i64 8
  %13 = load i32, ptr %12, align 4, !tbaa !13
  br label %join4

next3:                                            ; preds = %catch
  %14 = load ptr, ptr %0, align 8
  %15 = getelementptr inbounds i8, ptr %14, i64 112
  %16 = load ptr, ptr %15, align 8
  call void %16(ptr %0, ptr %6)
  unreachable

join:                                             ; preds = %next2
  ret i32 0

join4:                                            ; preds = %match
  %17 = add i32 %13, %7
  ret i32 %17

pad:                                              ; preds = %start
  %18 = landingpad { ptr, i32 }
          catch ptr null
  %19 = extractvalue { ptr, i32 } %18, 0
  br label %catch

pad5:                                             ; preds = %next1, %next
  %20 = landingpad { ptr, i32 }
          catch ptr null
  %21 = extractvalue { ptr, i32 } %20, 0
  br label %catch
}
define internal i32 @swage_personality(i32 %0, i32 %1, i64 %2, ptr %3, ptr %4) {
entry:
  ret i32 8
}
define hidden swifttailcc void @f3.cleans_up(ptr swiftself %0, i32 %1) personality ptr @swage_personality {
entry:
  %2 = getelementptr inbounds i8, ptr %0, i64 56
  %3 = load ptr, ptr %2, align 8
  %4 = getelementptr inbounds i8, ptr %0, i64 64
  %5 = load ptr, ptr %4, align 8
  br label %start

start:                                            ; preds = %entry
  invoke swifttailcc void %3(ptr swiftself %5)
          to label %next unwind label %pad

next:                                             ; preds = %start
  br label %join

catch:                                            ; preds = %pad
  call swifttailcc void %3(ptr swiftself %5)
  %6 = load ptr, ptr %0, align 8
  %7 = getelementptr inbounds i8, ptr %6, i64 112
  %8 = load ptr, ptr %7, align 8
  call void %8(ptr %0, ptr %10)
  unreachable

join:                                             ; preds = %next
  ret void

pad:                                              ; preds = %start
  %9 = landingpad { ptr, i32 }
          catch ptr null
  %10 = extractvalue { ptr, i32 } %9, 0
  br label %catch
}
define hidden swifttailcc i32 @f4.branches(ptr swiftself %0, i32 %1) {
entry:
  br label %start

start:                                            ; preds = %entry
  %2 = getelementptr inbounds i8, ptr %0, i64 8
  %3 = load ptr, ptr %2, align 8
  %4 = getelementptr inbounds i8, ptr %0, i64 80
  %5 = load ptr, ptr %4, align 8
  %6 = load ptr, ptr %0, align 8
  %7 = getelementptr inbounds i8, ptr %6, i64 120
  %8 = load ptr, ptr %7, align 8
  %9 = call ptr %8(ptr %0, ptr %3, ptr %5)
  %10 = getelementptr inbounds i8, ptr %9, i64 8
  store i32 %1, ptr %10, align 4, !tbaa !3
  %11 = getelementptr inbounds i8, ptr %9, i64 16
  store i64 3, ptr %11, align 8, !tbaa !13
  br label %catch

catch:                                            ; preds = %start
  %12 = load ptr, ptr %9, align 8, !tbaa !15
  %13 = getelementptr inbounds i8, ptr %0, i64 80
  %14 = load ptr, ptr %13, align 8
  %15 = icmp eq ptr %12, %14
  br i1 %15, label %match, label %next

match:                                            ; preds = %catch
  %16 = getelementptr inbounds i8, ptr %9, i64 8
  %17 = load i32, ptr %16, align 4, !tbaa !3
  br label %join

next:                                             ; preds = %catch
  %18 = load ptr, ptr %0, align 8
  %19 = getelementptr inbounds i8, ptr %18, i64 112
  %20 = load ptr, ptr %19, align 8
  call void %20(ptr %0, ptr %9)
  unreachable

join:                                             ; preds = %match
  ret i32 %17
}
define hidden swifttailcc void @f5.leaves(ptr swiftself %0, i32 %1) {
entry:
  br label %start

start:                                            ; preds = %entry
  musttail call swifttailcc void @f1.throws(ptr swiftself %0, i32 %1)
  ret void
}
define hidden swifttailcc void @swage_host_0(ptr swiftself %0) {
entry:
  %1 = alloca [16 x i8], align 16
  %2 = getelementptr inbounds i8, ptr %0, i64 16
  %3 = load ptr, ptr %2, align 8
  call void %3(ptr %0, ptr %1)
  ret void
}
