"""What stands beside thanks and apologies that still asks for nothing: plain data."""

_BESIDE_THANKS = """
maaf ganggu mengganggu merepotkan repot merepoti ngerepotin menyusahkan bantuan bantuanya dibantu waktu
waktunya informasi kerja sama samanya kerjasama kerjasamanya perhatian telah kesediaan pelayanan layanan
bermanfaat berguna sekian salam semua semuanya respon cepat alhamdulillah kang teh aa neng tante pang
lah yah sebelumnya a lot u again your dulu jadi selalu baru balas membalas buka wa pesan sempat lihat
"""
_APOLOGY = """
merepotkan merepoti ngerepotin menyusahkan maaf mohon kalau saya kami sudah telah terus selalu jadi sering
karena hehe baru balas membalas buka wa pesan pesannya sempat lihat
"""
BESIDE_THANKS = frozenset(_BESIDE_THANKS.split())
# Who has been a trouble to somebody, or late with an answer, and what is said beside it.
APOLOGY = frozenset(_APOLOGY.split())
