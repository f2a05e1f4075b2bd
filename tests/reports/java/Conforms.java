import java.io.FileInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.LogManager;
import javax.xml.parsers.DocumentBuilderFactory;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.ErrorArgument;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.Rule;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;
import org.verapdf.pdfa.validation.profiles.Variable;
import org.verapdf.pdfa.validation.validators.ValidatorFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Asks veraPDF of each file whether it conforms to PDF/A-3a and PDF/UA-1, and prints the first breaches of each rule.
 *
 * The profiles are read here, since the archive that brings veraPDF has no JAXB.
 */
public class Conforms {
    private static final String FOLDER = "/org/verapdf/pdfa/validation/";

    public static void main(String[] names) throws Exception {
        LogManager.getLogManager().reset();
        VeraGreenfieldFoundryProvider.initialise();
        ValidationProfile[] profiles = {profile("PDFA-3A.xml", PDFAFlavour.PDFA_3_A), profile("PDFUA-1.xml", PDFAFlavour.PDFUA_1)};
        for (String name : names) {
            for (ValidationProfile profile : profiles) {
                try (FileInputStream in = new FileInputStream(name);
                     PDFAParser parser = Foundries.defaultInstance().createParser(in, profile.getPDFAFlavour());
                     PDFAValidator validator = ValidatorFactory.createValidator(profile, 4, false, true, false)) {
                    ValidationResult result = validator.validate(parser);
                    System.out.println(profile.getPDFAFlavour().getId() + "\t" + (result.isCompliant() ? "conforms" : "BREACHES") + "\t"
                        + result.getTotalAssertions() + "\t" + name);
                    for (TestAssertion one : result.getTestAssertions()) {
                        if (one.getStatus() == TestAssertion.Status.FAILED) {
                            System.out.println("\t" + one.getRuleId().getClause() + "-" + one.getRuleId().getTestNumber() + "\t"
                                + one.getErrorMessage() + "\t" + one.getLocation().getContext());
                        }
                    }
                }
            }
        }
    }

    private static ValidationProfile profile(String file, PDFAFlavour flavour) throws Exception {
        try (InputStream in = Conforms.class.getResourceAsStream(FOLDER + file)) {
            Element root = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(in).getDocumentElement();
            Set<Rule> rules = new HashSet<>();
            NodeList found = root.getElementsByTagName("rule");
            for (int i = 0; i < found.getLength(); i++) {
                Element rule = (Element) found.item(i);
                Element id = (Element) rule.getElementsByTagName("id").item(0);
                List<ErrorArgument> none = new ArrayList<>();
                rules.add(Profiles.ruleFromValues(
                    Profiles.ruleIdFromValues(PDFAFlavour.Specification.valueOf(id.getAttribute("specification")), id.getAttribute("clause"),
                        Integer.parseInt(id.getAttribute("testNumber"))),
                    rule.getAttribute("object"), rule.hasAttribute("deferred") ? Boolean.valueOf(rule.getAttribute("deferred")) : null,
                    rule.getAttribute("tags"), words(rule, "description"), words(rule, "test"),
                    Profiles.errorFromValues(words(rule, "message"), none), new ArrayList<>()));
            }
            Set<Variable> variables = new HashSet<>();
            found = root.getElementsByTagName("variable");
            for (int i = 0; i < found.getLength(); i++) {
                Element one = (Element) found.item(i);
                variables.add(Profiles.variableFromValues(one.getAttribute("name"), one.getAttribute("object"), words(one, "defaultValue"),
                    words(one, "value")));
            }
            return Profiles.profileFromValues(flavour, Profiles.profileDetailsFromValues(file, "", "", null), "", rules, variables);
        }
    }

    private static String words(Element parent, String tag) {
        return parent.getElementsByTagName(tag).item(0).getTextContent().trim();
    }
}
