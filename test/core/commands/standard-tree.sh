mkdir d d/sub empty
printf 'one\ntwo\nthree\n' > a.txt
printf 'beta 2\nalpha 10\ngamma 1\nalpha 9\n' > words.txt
printf 'no newline' > cut.txt
printf 'deep\n' > d/f
printf '#!/bin/sh\n' > d/sub/run.sh
chmod 755 d/sub/run.sh
chmod 750 d/sub
chmod 600 cut.txt
ln -s a.txt link
ln -s d dlink
ln -s nowhere broken
ln -s ../a.txt d/up
printf 'pair\n' > d/h1
ln d/h1 d/h2
printf 'set\n' > suid
chown 33:33 suid
chmod 4755 suid
