namespace DevCluster.Network.Pods;

/// <summary>
/// Builds the container's root in its own mount namespace: system folders, private /proc, /run and /tmp, and the
/// volumes. It then drops privileges and becomes the container's first process. This is a shell script because every
/// step is a mount call between the creation of the namespaces and the start of the program.
/// </summary>
internal static class ContainerScript
{
    /// <summary>Written to standard output before any output of the program.</summary>
    public const byte Started = 0;

    /// <summary>
    /// Arguments: root, folder of the container's files, folder of the pod's volumes, host name, cgroup or "-", pairs
    /// of a host folder and its path in the container, ended by "--", then the arguments of <see cref="Inside"/>.
    /// </summary>
    public const string Outside = """
        root=$1 files=$2 volumes=$3 name=$4 group=$5; shift 5
        [ "$group" = - ] || echo 0 > "$group"
        echo "$name" > /proc/sys/kernel/hostname
        mkdir -p "$root"
        mount -t tmpfs -o mode=0755,size=256m devcluster "$root"
        cd "$root"
        for folder in bin sbin lib lib32 lib64 libx32 usr etc opt var srv; do
          if [ -L "/$folder" ]; then cp -P "/$folder" "$folder"
          elif [ -d "/$folder" ]; then mkdir "$folder"; fi
        done
        for folder in bin sbin lib lib32 lib64 libx32 usr opt var srv; do
          if [ -d "/$folder" ] && [ ! -L "/$folder" ]; then mount --rbind "/$folder" "$folder"; fi
        done
        mount -t overlay -o "lowerdir=$files/etc:/etc" devcluster etc 2>/dev/null || mount --rbind /etc etc
        mkdir -m 1777 tmp; mkdir proc sys dev run root home files
        mount -t proc proc proc
        mount -t sysfs -o ro sys sys
        mount --rbind /dev dev
        mount -t tmpfs -o mode=0755,size=64m devcluster run
        while [ "$1" != -- ]; do mkdir -p ".$2"; mount --rbind "$1" ".$2"; shift 2; done; shift
        mount --rbind "$files" files
        mkdir -p files/volumes; mount --rbind "$volumes" files/volumes
        inside=$1; shift
        exec chroot . /bin/sh -ec "$inside" container "$@"
        """;

    /// <summary>
    /// Arguments: for each mount a folder below /files, its mount point, and "ro" or "rw", ended by "--"; then the
    /// arguments of setpriv and the program. The script itself outputs only <see cref="Started"/>.
    /// </summary>
    public const string Inside = """
        while [ "$1" != -- ]; do
          mkdir -p "$2"; mount --bind "/files/$1" "$2"
          [ "$3" = rw ] || mount -o remount,bind,ro "$2"
          shift 3
        done
        shift
        umount -l /files; rmdir /files
        printf '\0'
        exec "$@"
        """;
}
