module example.com/calm

go 1.26
