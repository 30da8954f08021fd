namespace Dynospace.Api.Apps;

/// <summary>
/// CEL rules about <c>spec.replicas</c> and the quantities. The operator repeats the quantity of web in
/// <c>spec.replicas</c>, so that Git must be able to change quantities while an outdated repetition stands beside them.
/// </summary>
/// <remarks>
/// A rule cannot see field managers. While <c>replicas</c> stays as it is and was equal to the quantity of web, it is
/// taken for the repetition, and the quantities count; else <c>replicas</c> counts. Where that is wrong, the operator
/// refuses the sum in a condition. Without <c>oldSelf</c> a rule also runs on creation, which shows by a missing
/// status. What was too much before and did not change passes, or no status could be written any more.
/// </remarks>
internal static class AppRules
{
    private const string Quantity = "(has(p.quantity) ? p.quantity : 1)";

    private const string IsLarge =
        $"has(p.size) && p.size in ['{DynoSizes.PrivateL}', '{DynoSizes.PrivateLRam}', '{DynoSizes.PrivateXL}', "
        + $"'{DynoSizes.Private2XL}']";

    private const string HasSameReplicas =
        "has(self.replicas) == has(oldSelf.replicas) && (!has(self.replicas) || self.replicas == oldSelf.replicas)";

    /// <summary>Whether <c>replicas</c> is the operator's repetition of the quantity that web had before.</summary>
    private const string IsMirror =
        $"has(self.replicas) && has(oldSelf.replicas) && self.replicas == oldSelf.replicas && has(oldSelf.processes) "
        + $"&& oldSelf.processes.exists(p, p.type == 'web' && {Quantity} == oldSelf.replicas)";

    /// <summary>Processes and replicas ask for the same numbers of the same sizes as before.</summary>
    private const string IsUnchanged =
        $"{HasSameReplicas} && has(oldSelf.processes) "
        + $"&& self.processes.map(p, {Quantity}) == oldSelf.processes.map(p, {Quantity}) "
        + "&& self.processes.map(p, has(p.size) ? p.size : '') == oldSelf.processes.map(p, has(p.size) ? p.size : '')";

    public const string ReplicasHaveWeb =
        $"!has(self.replicas) || ({HasSameReplicas}) "
        + "|| (has(self.processes) && self.processes.exists(p, p.type == 'web'))";

    public const string ReplicasHaveWebFromTheStart =
        "has(self.status) || !has(self.spec.replicas) "
        + "|| (has(self.spec.processes) && self.spec.processes.exists(p, p.type == 'web'))";

    public const string ReplicasHaveWebMessage =
        "replicas is the number of web dynos: add a process of type web first";

    public const string IsWithinTotal =
        $"!has(self.processes) || ({IsUnchanged}) || self.processes.map(p, p.type == 'web' && has(self.replicas) "
        + $"&& !({IsMirror}) ? self.replicas : {Quantity}).sum() <= 100";

    public const string IsWithinTotalFromTheStart =
        "has(self.status) || !has(self.spec.processes) || self.spec.processes.map(p, p.type == 'web' "
        + $"&& has(self.spec.replicas) ? self.spec.replicas : {Quantity}).sum() <= 100";

    public const string IsWithinTotalMessage = "an app runs at most 100 dynos: lower the quantities";

    public const string IsWithinLarge =
        $"!has(self.processes) || ({IsUnchanged}) || self.processes.all(p, !({IsLarge}) || (p.type == 'web' "
        + $"&& has(self.replicas) && !({IsMirror}) ? self.replicas : {Quantity}) <= 10)";

    public const string IsWithinLargeFromTheStart =
        $"has(self.status) || !has(self.spec.processes) || self.spec.processes.all(p, !({IsLarge}) "
        + $"|| (p.type == 'web' && has(self.spec.replicas) ? self.spec.replicas : {Quantity}) <= 10)";

    public const string IsWithinLargeMessage =
        "a process type runs at most 10 dynos of size Private-L and larger: lower its quantity, or choose a smaller "
        + "size";
}
