{#- Whether a unit is in one part of all units, told apart by a hash of the id. -#}
md5(user_id) >= :part_from AND md5(user_id) < :part_below
