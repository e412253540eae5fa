module example.com/doubts

go 1.26
