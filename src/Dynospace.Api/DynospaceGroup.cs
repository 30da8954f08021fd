// Dynospace.Api: names that are part of the platform's contract with its users: API group, labels, annotations,
// condition types, reasons.

namespace Dynospace.Api;

/// <summary>The API group of all Dynospace resources.</summary>
public static class DynospaceGroup
{
    /// <summary>The group's name, also the prefix of every label and annotation.</summary>
    public const string Name = "dynospace.dev";

    /// <summary>The served and stored version.</summary>
    public const string Version = "v1alpha1";

    /// <summary>
    /// The field manager of everything the operator applies; status writes use <see cref="StatusFieldManager"/>.
    /// </summary>
    public const string FieldManager = "dynospace";

    /// <summary>The field manager of status writes.</summary>
    public const string StatusFieldManager = "dynospace-status";

    /// <summary>
    /// The field manager of <c>spec.replicas</c> of an App as long as it only repeats the quantity of web.
    /// </summary>
    public const string ScaleFieldManager = "dynospace-scale";

    /// <summary>The Lease of the operator that acts, in the system namespace.</summary>
    public const string LeaseName = "dynospace-operator";
}

/// <summary>Finalizers that the operator sets.</summary>
public static class Finalizers
{
    /// <summary>
    /// On a Space: dynos, policies and namespace must go in this order, which garbage collection does not keep.
    /// </summary>
    public const string Space = "dynospace.dev/space";
}
