"""How people say where they are from, beside the words of the choices: what they do, or where. Plain data.

Only for an answer to that question; in a letter the same words may be what figures are wanted about.
"""

_LISTED = {
    "lembaga_negara": "kpu, bawaslu, ombudsman, kpk, ojk, bank indonesia, pengadilan, mahkamah agung",
    "kementerian": "kemenag, kua, bpn, kpp, kppn, djp, bnn, bmkg, basarnas, bkkbn, bappenas, kemenkes,"
    "imigrasi, bea cukai, kantor pajak, lapas, bpom",
    "tni_polri": "polsek, koramil, korem, kejari, kejati",
    "pemda": "kelurahan, kantor desa, pemerintah desa, pemdes, perangkat desa, aparat desa, kepala desa,"
    "kades, kecamatan, kantor camat, camat, lurah, setda, sekda, bapenda, bkd, bpbd, satpol pp,"
    "puskesmas, rsud, disdik, dinkes, dinsos, diskominfo, kominfo, disperindag, kesbangpol",
    "pendidikan": "sma, smk, smp, sd, mts, madrasah, pesantren, politeknik, poltek, institut, sekolah tinggi,"
    "kuliah, mhs, mhsw, mahasiswi, murid, santri, akademisi, college, lecturer, researcher",
    "bumn": "bri, bank bri, bni, bank bni, btn, bank mandiri, pertamina, telkom, pegadaian, pelindo, pln,"
    "pdam, pos indonesia, bulog, bpjs, bank daerah, bumdes",
    "swasta": "karyawan, karyawan swasta, pegawai swasta, konsultan, kontraktor, developer, koperasi,"
    "jurnalis, reporter, pers, koran, bank swasta, startup, consultant, journalist",
    "lainnya": "petani, nelayan, peternak, pekebun, buruh, pedagang, pengusaha, wirausaha, umkm,"
    "usaha sendiri, freelance, freelancer, irt, ibu rumah tangga, pensiunan, belum bekerja, tidak bekerja,"
    "tidak kerja, belum kerja, pengangguran, warga, individu, perseorangan, sendiri, lsm, ngo, ormas,"
    "yayasan, gereja, masjid, partai, sopir, ojol, individual, farmer",
}
OCCUPATIONS = {word.strip(): kind for kind, listed in _LISTED.items() for word in listed.split(",")}
