using System.Collections.Frozen;
using Dynospace.Api.Apps;
using k8s.Models;

namespace Dynospace.Planning.Dynos;

/// <summary>
/// What a dyno size gives. Memory limits are those of Heroku's published dyno types (its MB and GB read as Mi and Gi).
/// Requests are decided here: the shared sizes (Eco to Standard-2X) are made to be overcommitted and ask for a quarter
/// of their memory, the others get all of it for themselves; processor is a share without a limit, so that any dyno may
/// use idle time.
/// </summary>
/// <param name="Name">Its name in specs.</param>
/// <param name="MemoryRequest">What the node keeps for it.</param>
/// <param name="MemoryLimit">Where its process is ended.</param>
/// <param name="Processor">Its share of the processors.</param>
/// <param name="Threads">
/// The platform's limit of processes and threads, for people to read: the kubelet has one for all pods of a node.
/// </param>
public sealed record DynoSize(string Name, string MemoryRequest, string MemoryLimit, string Processor, int Threads)
{
    /// <summary>All sizes, smallest first.</summary>
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

    private static readonly FrozenDictionary<string, DynoSize> Table = All.ToFrozenDictionary(size => size.Name);

    /// <summary>Whether only Private and Shield spaces have it.</summary>
    public bool IsPrivate => Name.StartsWith("Private-", StringComparison.Ordinal);

    /// <summary>
    /// The schema admits no other name; a size that a newer schema added is the default until the operator knows it.
    /// </summary>
    public static DynoSize FromName(string name) => Table.GetValueOrDefault(name) ?? Table[DynoSizes.Default];

    internal V1ResourceRequirements Resources =>
        new()
        {
            Requests = new Dictionary<string, ResourceQuantity>(2)
            {
                ["cpu"] = new(Processor),
                ["memory"] = new(MemoryRequest),
            },
            Limits = new Dictionary<string, ResourceQuantity>(1) { ["memory"] = new(MemoryLimit) },
        };
}
