// Sizes: resources of the platform's dyno sizes and of those that the platform team defines.

using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using k8s.Models;

namespace Dynospace.Planning.Sizes;

/// <summary>
/// The resources of a dyno size. Memory limits are those of Heroku's published dyno types, with MB and GB read as Mi
/// and Gi. Requests are defined here: the shared sizes (Eco to Standard-2X) can be overcommitted and request a quarter
/// of their memory, the others all of it. The processor is a share without a limit, so that any dyno may use idle time.
/// </summary>
/// <param name="Name">Its name in specs.</param>
/// <param name="MemoryRequest">The memory that the node reserves for it.</param>
/// <param name="MemoryLimit">The memory at which its process is killed.</param>
/// <param name="Processor">Its share of the processors.</param>
/// <param name="Threads">
/// The platform's limit of processes and threads, for display only, since the kubelet has one limit for all pods of a
/// node. 0 if not known.
/// </param>
public sealed record DynoSize(string Name, string MemoryRequest, string MemoryLimit, string Processor, int Threads)
{
    /// <summary>The platform's sizes, smallest first.</summary>
    public static IReadOnlyList<DynoSize> All { get; } =
    [
        new(DynoSizes.Eco, "128Mi", "512Mi", "50m", 256),
        new(DynoSizes.Basic, "128Mi", "512Mi", "50m", 256),
        new(DynoSizes.Standard1X, "128Mi", "512Mi", "100m", 256),
        new(DynoSizes.Standard2X, "256Mi", "1Gi", "200m", 512),
        new(DynoSizes.PrivateS, "1Gi", "1Gi", "250m", 512),
        new(DynoSizes.PrivateM, "2560Mi", "2560Mi", "1", 16_384),
        new(DynoSizes.PrivateL, "14Gi", "14Gi", "4", 32_768),
        new(DynoSizes.PrivateLRam, "30Gi", "30Gi", "2", 24_576),
        new(DynoSizes.PrivateXL, "62Gi", "62Gi", "4", 32_768),
        new(DynoSizes.Private2XL, "126Gi", "126Gi", "8", 65_536),
    ];

    /// <summary>The local disk that it may use and that is reserved for it; null for no limit.</summary>
    public string? Disk { get; init; }

    /// <summary>Whether only Private and Shield spaces have it.</summary>
    public bool IsPrivate => DynoSizes.IsPrivate(Name);

    /// <summary>The resources of the container.</summary>
    public V1ResourceRequirements Resources =>
        new()
        {
            Requests = new Dictionary<string, ResourceQuantity>(2)
            {
                ["cpu"] = new(Processor),
                ["memory"] = new(MemoryRequest),
            },
            Limits = Disk is null
                ? new Dictionary<string, ResourceQuantity>(1) { ["memory"] = new(MemoryLimit) }
                : new Dictionary<string, ResourceQuantity>(2)
                {
                    ["ephemeral-storage"] = new(Disk),
                    ["memory"] = new(MemoryLimit),
                },
        };
}

/// <summary>The sizes of one platform: the table above with the platform team's changes and additions.</summary>
public sealed class DynoSizeTable
{
    /// <summary>The pattern of the option's entries: name, limit, request, processor and disk.</summary>
    public static string Pattern { get; } =
        $"({string.Join('|', DynoSizes.Platform)}|{DynoSizes.OwnPrefix}[A-Za-z0-9]+(-[A-Za-z0-9]+)*)="
        + $"{Memory}/{Memory}/([1-9][0-9]{{0,3}}|[1-9][0-9]{{0,5}}m)(/{Memory})?";

    private const string Memory = "[1-9][0-9]{0,6}(Mi|Gi)";

    private readonly FrozenDictionary<string, DynoSize> _byName;

    private DynoSizeTable(IReadOnlyList<DynoSize> all) =>
        (All, _byName) = (all, all.ToFrozenDictionary(size => size.Name));

    /// <summary>The table without changes.</summary>
    public static DynoSizeTable Platform { get; } = new(DynoSize.All);

    /// <summary>All sizes: the platform's, smallest first, then the team's own by name.</summary>
    public IReadOnlyList<DynoSize> All { get; }

    /// <summary>The table with a team's sizes.</summary>
    /// <param name="own">
    /// By name: <c>LIMIT/REQUEST/CPU</c> or <c>LIMIT/REQUEST/CPU/DISK</c>. Entries of another form are left out;
    /// <see cref="Mistakes"/> reports them.
    /// </param>
    public static DynoSizeTable FromOption(IReadOnlyDictionary<string, string> own) => own.Count == 0
        ? Platform
        : new(
            [
                .. DynoSize.All.Select(
                    size => (own.TryGetValue(size.Name, out var text) ? Read(size.Name, text) : null) ?? size),
                .. own.Where(pair => pair.Key.StartsWith(DynoSizes.OwnPrefix, StringComparison.Ordinal))
                    .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                    .Select(pair => Read(pair.Key, pair.Value))
                    .OfType<DynoSize>(),
            ]);

    /// <summary>The team's sizes as the option states them; null for none.</summary>
    public static string? TextOf(IReadOnlyDictionary<string, string> own) => own.Count == 0
        ? null
        : string.Join(',', own.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{pair.Key}={pair.Value}"));

    /// <summary>The table of a text that <see cref="TextOf"/> wrote; what it does not understand is left out.</summary>
    public static DynoSizeTable FromText(string? text) => FromOption(
        (text ?? "").Split(',')
            .Select(entry => entry.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal));

    /// <summary>The size of this name; null if this platform does not have it.</summary>
    public DynoSize? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>
    /// The size of this name. A size that the platform no longer has counts as the default, so that its dynos keep
    /// running.
    /// </summary>
    public DynoSize FromName(string name) => Find(name) ?? _byName[DynoSizes.Default];

    /// <summary>
    /// Why a dyno of this size cannot run in a space; null if it can. The Private sizes need whole nodes, which Common
    /// spaces do not offer; the shared sizes exist in every runtime.
    /// </summary>
    public string? Refusal(string name, SpaceRuntime runtime, string space) =>
        Find(name) is not { } size
            ? $"{name}, which this platform does not have: use one of "
                + $"{string.Join(", ", All.Where(known => Fits(known, runtime)).Select(known => known.Name))}"
            : Fits(size, runtime)
                ? null
                : $"{name}, which needs a Private or Shield space, and {space} is Common: choose "
                    + $"{DynoSizes.Standard2X} or smaller, or create the App in another space";

    /// <summary>The mistakes in the option.</summary>
    public static IEnumerable<string> Mistakes(IReadOnlyDictionary<string, string> own)
    {
        foreach (var (name, text) in own)
        {
            if (name.Length > DynoSizes.LongestName)
            {
                yield return $"dynoSizes {name} is longer than {DynoSizes.LongestName} characters: shorten it.";
            }
            else if (Read(name, text) is not { } size)
            {
                yield return $"dynoSizes {name} \"{text}\" is not a valid size: write LIMIT/REQUEST/CPU or "
                    + "LIMIT/REQUEST/CPU/DISK, such as 512Mi/128Mi/100m.";
            }
            else if (new ResourceQuantity(size.MemoryRequest).ToDecimal()
                > new ResourceQuantity(size.MemoryLimit).ToDecimal())
            {
                yield return $"dynoSizes {name} guarantees {size.MemoryRequest}, more than its limit of "
                    + $"{size.MemoryLimit}: raise the limit or lower the guarantee.";
            }
        }
    }

    private static bool Fits(DynoSize size, SpaceRuntime runtime) =>
        !size.IsPrivate || runtime != SpaceRuntime.Common;

    /// <summary>Null for an entry of another form than <see cref="Pattern"/>.</summary>
    private static DynoSize? Read(string name, string text)
    {
        if (!Regex.IsMatch($"{name}={text}", $"^({Pattern})$", RegexOptions.None, TimeSpan.FromSeconds(1)))
        {
            return null;
        }

        var parts = text.Split('/');
        var known = DynoSize.All.FirstOrDefault(size => size.Name == name);
        return new DynoSize(name, parts[1], parts[0], parts[2], known?.Threads ?? 0)
        {
            Disk = parts.Length > 3 ? parts[3] : null,
        };
    }
}
