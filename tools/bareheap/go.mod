module bareheap

go 1.26.5
