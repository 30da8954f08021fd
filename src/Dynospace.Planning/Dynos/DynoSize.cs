using System.Collections.Frozen;
using Dynospace.Api.Apps;
using k8s.Models;

namespace Dynospace.Planning.Dynos;

/// <summary>
/// What a dyno size gives. Memory limits are those of Heroku's published dyno types (its MB and GB read as Mi and Gi).
/// Requests are decided here: the shared sizes (Eco to Standard-2X) are made to be overcommitted and ask for a quarter
/// of their memory, the others get all of it for themselves; processor is a share without a limit, so that idle time is
/// anybody's.
/// </summary>
internal sealed record DynoSize(string MemoryRequest, string MemoryLimit, string Processor)
{
    private static readonly FrozenDictionary<string, DynoSize> Table = new Dictionary<string, DynoSize>
    {
        [DynoSizes.Eco] = new("128Mi", "512Mi", "50m"),
        [DynoSizes.Basic] = new("128Mi", "512Mi", "50m"),
        [DynoSizes.Standard1X] = new("128Mi", "512Mi", "100m"),
        [DynoSizes.Standard2X] = new("256Mi", "1Gi", "200m"),
        [DynoSizes.PrivateS] = new("1Gi", "1Gi", "250m"),
        [DynoSizes.PrivateM] = new("2560Mi", "2560Mi", "1"),
        [DynoSizes.PrivateL] = new("14Gi", "14Gi", "4"),
        [DynoSizes.PrivateLRam] = new("30Gi", "30Gi", "2"),
        [DynoSizes.PrivateXL] = new("62Gi", "62Gi", "4"),
        [DynoSizes.Private2XL] = new("126Gi", "126Gi", "8"),
    }.ToFrozenDictionary();

    /// <summary>
    /// The schema admits no other name; a size that a newer schema added is the default until the operator knows it.
    /// </summary>
    public static DynoSize Of(string name) => Table.GetValueOrDefault(name) ?? Table[DynoSizes.Default];

    public V1ResourceRequirements Resources =>
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
