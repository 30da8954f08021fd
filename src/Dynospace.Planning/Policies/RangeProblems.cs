using Dynospace.Api;
using Dynospace.Planning.Addresses;

namespace Dynospace.Planning.Policies;

/// <summary>What is wrong with the ranges of a spec.</summary>
internal static class RangeProblems
{
    public static Problem NotARange(string field, string value) =>
        new(Reasons.RangeConflict, $"{field} \"{value}\" is not a CIDR range: write an address and a prefix length such as 198.51.100.0/24");

    public static Problem ReachesCluster(string field, string value, AddressBlock overlap) =>
        new(Reasons.RangeConflict, $"{field} {value} overlaps {overlap}, which belongs to the cluster or to no network: give a range beside it");

    public static Problem Overlap(string field, string value, string otherField, string other) =>
        new(Reasons.RangeConflict, $"{field} {value} overlaps {otherField} {other}: give each address to one network only");
}
