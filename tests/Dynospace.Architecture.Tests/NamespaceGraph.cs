using Mono.Cecil;

namespace Dynospace.Architecture.Tests;

/// <summary>Which namespaces of one assembly use which others.</summary>
internal sealed class NamespaceGraph
{
    private readonly Dictionary<(string From, string To), SortedSet<string>> _uses = [];

    private NamespaceGraph(ModuleDefinition module)
    {
        // Another assembly's types are the business of project references.
        foreach (var (user, used) in TypeUses.InModule(module).Where(use => use.Used.Scope == module))
        {
            Add(TypeUses.Outermost(user), TypeUses.Outermost(used));
        }
    }

    /// <summary>Reads an assembly from its file.</summary>
    public static NamespaceGraph FromFile(string path)
    {
        using var module = ModuleDefinition.ReadModule(path);
        return new NamespaceGraph(module);
    }

    /// <summary>
    /// Groups of namespaces that use one another in a circle, one line per use with the types that make it; empty for a
    /// directed acyclic graph.
    /// </summary>
    public IReadOnlyList<string> Cycles()
    {
        var next = _uses.Keys.ToLookup(use => use.From, use => use.To);
        var reached = next.Select(group => group.Key).ToDictionary(from => from, from => ReachedFrom(from, next));
        return
        [
            .. _uses.Where(use => reached.TryGetValue(use.Key.To, out var back) && back.Contains(use.Key.From))
                .Select(use => $"{use.Key.From} -> {use.Key.To}: {string.Join(", ", use.Value.Take(6))}")
                .Order(StringComparer.Ordinal),
        ];
    }

    private static HashSet<string> ReachedFrom(string from, ILookup<string, string> next)
    {
        var reached = new HashSet<string>();
        var open = new Stack<string>(next[from]);
        while (open.TryPop(out var found))
        {
            if (reached.Add(found))
            {
                foreach (var further in next[found])
                {
                    open.Push(further);
                }
            }
        }

        return reached;
    }

    private void Add(TypeReference user, TypeReference used)
    {
        var (from, to) = (user.Namespace, used.Namespace);
        // What the compiler generates has no namespace of the project.
        if (from != to && from.Length > 0 && to.Length > 0 && !to.StartsWith("System", StringComparison.Ordinal)
            && !to.StartsWith("Microsoft", StringComparison.Ordinal))
        {
            var pairs = _uses.TryGetValue((from, to), out var known) ? known : _uses[(from, to)] = [];
            pairs.Add($"{user.Name} uses {used.Name}");
        }
    }
}
