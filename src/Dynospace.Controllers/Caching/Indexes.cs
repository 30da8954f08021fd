namespace Dynospace.Controllers.Caching;

/// <summary>Names of the caches' indexes.</summary>
internal static class Indexes
{
    /// <summary>By namespace.</summary>
    public const string Namespace = "namespace";

    /// <summary>By <c>namespace/app</c>.</summary>
    public const string App = "app";

    /// <summary>By <c>namespace/app</c>: what was made for an app of that name and has no owner.</summary>
    public const string OrphanOf = "orphan-of";

    /// <summary>By the uid of the controlling owner.</summary>
    public const string Owner = "owner";

    /// <summary>By the uid of the owner that the label names: parts of system components only.</summary>
    public const string ComponentOwner = "component-owner";

    /// <summary>By domain: who asks for it.</summary>
    public const string Domain = "domain";

    /// <summary>By <c>namespace/secret</c>: who takes config vars or a certificate from it.</summary>
    public const string Secret = "secret";
}
